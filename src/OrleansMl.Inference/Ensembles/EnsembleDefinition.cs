using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>
/// A graph of models: tensors by name, and steps that make tensors of tensors. The order follows from the names: a step
/// runs when all that it reads is there.
/// </summary>
/// <param name="MaxBatchSize">Rows that a request may have, which are then the first dimension of every tensor; 0: no batch dimension.</param>
/// <param name="Inputs">What a caller sends, with the batch dimension.</param>
/// <param name="Outputs">What a caller gets, with the batch dimension; each names a tensor that a step writes.</param>
/// <param name="Steps">In any order.</param>
public sealed record EnsembleDefinition(int MaxBatchSize, ImmutableArray<TensorSpec> Inputs, ImmutableArray<TensorSpec> Outputs, ImmutableArray<EnsembleStep> Steps)
{
    /// <summary>Steps that an ensemble may have.</summary>
    public const int MaxSteps = 256;

    /// <summary>A step in words, counted from 1: <c>step 2 (model 'fraud')</c>.</summary>
    public string TitleOf(int step) => $"step {(step + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)} ({Steps[step].What})";
}
