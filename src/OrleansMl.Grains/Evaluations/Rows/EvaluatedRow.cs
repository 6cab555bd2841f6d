using OrleansMl.Learning;

namespace OrleansMl.Evaluations;

/// <summary>A row with its truth.</summary>
/// <param name="Version">Who answered; 0: each of the evaluated versions has a score.</param>
/// <param name="Scores">One, or one for each evaluated version.</param>
/// <param name="Label">The truth.</param>
/// <param name="Baselines">What they said of it.</param>
/// <param name="Slices">Values of the sliced columns.</param>
internal readonly record struct EvaluatedRow(int Version, double[] Scores, double Label, BaselinePredictions Baselines, Scalar[] Slices)
{
    /// <summary>Of more than two classes, in place of the scores: what each answer was worth; else null.</summary>
    public ClassAnswer[]? Answers { get; init; }
}
