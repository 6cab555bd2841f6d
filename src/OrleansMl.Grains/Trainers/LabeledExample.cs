using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <summary>A vector as served, with its truth.</summary>
internal sealed record LabeledExample
{
    /// <summary>Sequence in the model's stream, rising.</summary>
    public required long Sequence { get; init; }

    public required string PredictionId { get; init; }

    /// <summary>Columns as served, in the order of <see cref="Columns"/>.</summary>
    public required ImmutableArray<Scalar> Values { get; init; }

    /// <summary>Names of the columns.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    /// <summary>1 or 0 for a binary target, the place of the class for a multiclass one, the number for a regression target.</summary>
    public required double Label { get; init; }

    /// <summary>The score that was served; null when it was the prior.</summary>
    public double? ServedScore { get; init; }

    /// <summary>Of more than two classes: what was served, against the label; null: there are not, or it was the prior.</summary>
    public ClassAnswer? ServedClasses { get; init; }

    /// <summary>The version that served it; null when it was the prior.</summary>
    public int? ServedVersion { get; init; }

    /// <summary>When it was predicted, on the application's clock.</summary>
    public DateTime Time { get; init; }

    /// <summary>Set when an earlier label of the same prediction was learned already.</summary>
    public bool Correction { get; init; }

    /// <summary>Nothing was predicted: it is learned, and stands in no figure.</summary>
    public bool Organic { get; init; }

    /// <summary>The vector was computed anew when the label came: it is not the one that was served.</summary>
    public bool Recomputed { get; init; }

    /// <summary>Lineage of the learner it is for.</summary>
    public int Lineage { get; init; }
}
