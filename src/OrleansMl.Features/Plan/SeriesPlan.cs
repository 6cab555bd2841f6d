namespace OrleansMl.Features;

/// <summary>What is kept of the records of one source (an event type or a target), for all views over it.</summary>
internal sealed class SeriesPlan
{
    public required FoldRecordKind Kind { get; init; }

    /// <summary>Event type or target.</summary>
    public required string Type { get; init; }

    /// <summary>Fields that some feature needs, ascending by ordinal name.</summary>
    public required string[] Columns { get; init; }

    public required Dictionary<string, int> ColumnIndex { get; init; }

    /// <summary>Longest window in ticks; 0: none has one.</summary>
    public required long LongestWindow { get; init; }

    /// <summary>Events, per column: how many of the newest values outlive their rows, for <c>last</c> without a window.</summary>
    public required int[] Lasts { get; init; }

    /// <summary>Events, per column: the first time of every distinct value is kept, for <c>distinct</c> without a window.</summary>
    public required bool[] Distinct { get; init; }

    /// <summary>
    /// Outcomes can be corrected, so nothing of them may disappear in a sum: where a count, sum, mean, minimum, maximum or
    /// distinct has no window, all rows stay.
    /// </summary>
    public required bool KeepsAllRows { get; init; }

    /// <summary>Outcomes whose rows go: what must still be there for a read to be exact.</summary>
    public required Demand[] Demands { get; init; }

    public bool HasRevisions => Kind == FoldRecordKind.Outcome;

    /// <summary>Rows of a block: small where only the newest values matter.</summary>
    public int BlockRows => LongestWindow > 0 || KeepsAllRows ? 64 : 16;

    /// <summary>So many contributions of a column (<see cref="FeatureSlot.Rows"/>: rows) must be in the rows that are kept.</summary>
    internal readonly record struct Demand(int Column, bool Numeric, int Count);
}
