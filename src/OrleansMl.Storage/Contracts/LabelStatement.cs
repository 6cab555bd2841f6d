namespace OrleansMl.Storage;

/// <summary>One label that came for a prediction, whatever became of it.</summary>
public sealed record LabelStatement
{
    /// <summary>Counts the labels of a prediction from 0, as they came.</summary>
    public required int Sequence { get; init; }

    public required string OutcomeId { get; init; }

    /// <summary>The label as a number.</summary>
    public required double Value { get; init; }

    public required string Source { get; init; }

    /// <summary>When it came true, UTC.</summary>
    public required DateTime Time { get; init; }

    /// <summary>As its sender said it; 0: not said.</summary>
    public int Revision { get; init; }

    /// <summary>When it came, UTC.</summary>
    public required DateTime Received { get; init; }

    public required LabelVerdict Verdict { get; init; }

    /// <summary>Why, in the words of whoever said it; null: not said.</summary>
    public string? Reason { get; init; }
}
