namespace OrleansMl.Features;

/// <summary>Where a name's value comes from.</summary>
internal enum SlotSource : byte
{
    Series,
    Attribute,
    EntityId,
}

/// <summary>One readable name, compiled: indices instead of names, ticks instead of time spans.</summary>
internal sealed class FeatureSlot
{
    /// <summary>Stands in <see cref="Column"/> for "whole records": count has no field.</summary>
    public const int Rows = -1;

    public required string Name { get; init; }

    public required SlotSource Source { get; init; }

    /// <summary>Index of the series, or of the attribute.</summary>
    public int Index { get; init; }

    public int Column { get; init; } = Rows;

    public Aggregation Aggregation { get; init; }

    public int Offset { get; init; }

    /// <summary>Ticks; 0: all records.</summary>
    public long Window { get; init; }

    public bool Tumbling { get; init; }

    /// <summary>Ticks; null: never expires.</summary>
    public long? Ttl { get; init; }

    public FieldValue Default { get; init; }

    /// <summary>Only numbers and truth values contribute.</summary>
    public bool IsNumeric => Aggregation is Aggregation.Sum or Aggregation.Mean or Aggregation.Min or Aggregation.Max;

    /// <summary>The window at <paramref name="at"/> begins after this tick: for a tumbling one the tick before its first.</summary>
    public long WindowAfter(long at)
    {
        if (Window == 0)
        {
            return long.MinValue;
        }

        if (!Tumbling)
        {
            return at - Window;
        }

        var sinceEpoch = at - DateTime.UnixEpoch.Ticks;
        var into = sinceEpoch % Window;
        return at - (into < 0 ? into + Window : into) - 1;
    }
}
