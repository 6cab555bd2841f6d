namespace OrleansMl.Inference;

/// <summary>How long the parts of a run took.</summary>
/// <param name="Input">Handing the inputs to the runtime.</param>
/// <param name="Infer">The run itself.</param>
/// <param name="Output">Reading the outputs.</param>
internal readonly record struct RunPhases(TimeSpan Input, TimeSpan Infer, TimeSpan Output);
