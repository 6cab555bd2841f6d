namespace OrleansMl.Inference;

/// <summary>Batches of one size, each counted once.</summary>
/// <param name="BatchSize">Rows.</param>
/// <param name="ComputeInput">Gathering the inputs and handing them to the runtime.</param>
/// <param name="ComputeInfer">The run itself.</param>
/// <param name="ComputeOutput">Reading the outputs and handing them to the requests.</param>
public sealed record BatchSizeStatistics(int BatchSize, DurationCount ComputeInput, DurationCount ComputeInfer, DurationCount ComputeOutput);
