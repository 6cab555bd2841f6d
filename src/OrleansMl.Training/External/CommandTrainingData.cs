using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>What a program learns from: rows as the pipeline gives them, so that the model sees the same when it serves.</summary>
/// <param name="Features">[F]: names of the dense features.</param>
/// <param name="Target">Name of the target.</param>
/// <param name="Classes">Names of the classes, in the order of their numbers; empty: a value is learned.</param>
/// <param name="Train">At least one row of F dense features and no hashed one.</param>
public sealed record CommandTrainingData(ImmutableArray<string> Features, string Target, ImmutableArray<string> Classes, TrainingRows Train)
{
    /// <summary>Later rows, for early stopping and for the check of the model; null: there are none.</summary>
    public TrainingRows? Validation { get; init; }

    /// <summary>[F]: of a feature that holds codes 0 … n−1 of categories, n; of a number, 0. Empty: all are numbers.</summary>
    public ImmutableArray<int> Categories { get; init; } = [];

    /// <summary>For what the program draws.</summary>
    public long Seed { get; init; }

    /// <summary>Threads it should use, ≥ 1.</summary>
    public int Threads { get; init; } = 1;
}
