namespace OrleansMl.Inference;

/// <summary>
/// Takes what is to be counted about inferences. A run is one call of the runtime and may answer several requests: whoever
/// batches reports one <see cref="Executed"/> for the run and one <see cref="Succeeded"/> for each request in it.
/// </summary>
public interface IInferenceRecorder
{
    /// <summary>The runtime ran once.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="version">Its version.</param>
    /// <param name="rows">Rows of the run; 1 where the model has no batch dimension.</param>
    /// <param name="times">Its phases.</param>
    void Executed(string model, int version, int rows, RunTimes times);

    /// <summary>A request was answered.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="version">Its version.</param>
    /// <param name="rows">Rows of the request.</param>
    /// <param name="queue">From its arrival to the start of its run.</param>
    /// <param name="times">Phases of the run that answered it.</param>
    /// <param name="total">From its arrival to its answer.</param>
    void Succeeded(string model, int version, int rows, TimeSpan queue, RunTimes times, TimeSpan total);

    /// <summary>A request for a version that is there failed.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="version">Its version.</param>
    /// <param name="total">From its arrival to its answer.</param>
    void Failed(string model, int version, TimeSpan total);
}
