namespace OrleansMl.Inference;

/// <summary>How long the phases of one run took.</summary>
/// <param name="Input">Checking the inputs and lending them to the runtime.</param>
/// <param name="Infer">The runtime itself.</param>
/// <param name="Output">Copying the results.</param>
public readonly record struct RunTimes(TimeSpan Input, TimeSpan Infer, TimeSpan Output);
