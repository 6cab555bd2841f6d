using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>What an ensemble must know of a model that a step runs.</summary>
/// <param name="Inputs">What a request must send; not what the server fills in itself.</param>
/// <param name="Outputs">What can be asked for.</param>
/// <param name="MaxBatchSize">Rows that a request may have; null: any.</param>
public sealed record StepModel(ImmutableArray<TensorSpec> Inputs, ImmutableArray<TensorSpec> Outputs, int? MaxBatchSize);
