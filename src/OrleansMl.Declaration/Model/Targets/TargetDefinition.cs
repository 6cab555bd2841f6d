using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>What is predicted, and how the truth comes back.</summary>
public sealed record TargetDefinition
{
    public required string Name { get; init; }

    public required TargetType Type { get; init; }

    /// <summary>For binary: names of [negative, positive]; empty: "0", "1". For multiclass: all names, 3 to 1,000; a label is a place among them.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>How long after the prediction the truth is awaited.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>Label when none comes (place of a class, or a number); null: none, the prediction closes without.</summary>
    public double? Default { get; init; }

    /// <summary>What happens to truths about nothing predicted: learned or only counted.</summary>
    public bool OrganicLearn { get; init; }

    /// <summary>Event type that is the truth; null: truths come by <c>/outcomes</c>.</summary>
    public string? FromEvent { get; init; }

    /// <summary>Field of that event that names the candidate; null: none.</summary>
    public string? FromSubject { get; init; }

    /// <summary>The value such an event stands for.</summary>
    public double FromValue { get; init; } = 1;

    /// <summary>Sources of labels that are ranked.</summary>
    public ImmutableArray<LabelSourceDefinition> Sources { get; init; } = [];

    /// <summary>Whose label stands where sources say different things.</summary>
    public LabelConflict Conflict { get; init; }

    /// <summary>Labels of a source that is not ranked are refused; else they have the lowest priority, 0.</summary>
    public bool RefuseUnknownSources { get; init; }

    /// <summary>The learner gets the vector computed anew when the label comes, not the one that was served.</summary>
    public bool VectorAtLabel { get; init; }
}
