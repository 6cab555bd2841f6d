namespace OrleansMl.Inference;

/// <summary>What a batcher asks of a model; tests put a scripted one in its place. Called from many threads at once.</summary>
internal interface IBatchModel
{
    ModelSignature Signature { get; }

    /// <summary>Runs inputs that are known to fit the signature.</summary>
    /// <param name="inputs">One for each input; read until it returns, not after.</param>
    /// <param name="outputs">Names that exist, each once.</param>
    /// <param name="time">Clock that measures.</param>
    /// <param name="phases">How long each part took.</param>
    IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, TimeProvider time, out RunPhases phases);
}
