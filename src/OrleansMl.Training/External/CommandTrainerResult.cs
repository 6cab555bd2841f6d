using System.Collections.Immutable;

namespace OrleansMl.Training;

/// <summary>What a program trained, after every check.</summary>
/// <param name="Core">The file that it wrote, as a core graph (<see cref="Inference.ForeignModel"/>): what a version with a pipeline serves.</param>
/// <param name="Metrics">What it says of its model; nothing is decided by it.</param>
/// <param name="Process">How long it took and how much memory.</param>
public sealed record CommandTrainerResult(byte[] Core, ImmutableSortedDictionary<string, double> Metrics, TrainingProcessEnd Process);
