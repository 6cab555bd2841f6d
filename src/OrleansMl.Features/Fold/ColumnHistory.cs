namespace OrleansMl.Features;

/// <summary>What remains known of a column of events beyond the rows that are kept.</summary>
internal sealed class ColumnHistory(int lasts, bool distinct)
{
    /// <summary>Everything ever added, kept or gone.</summary>
    public Accumulator All = new();

    /// <summary>What is gone.</summary>
    public Accumulator Gone = new();

    /// <summary>Tick of the newest value that is gone; <see cref="long.MinValue"/>: none.</summary>
    public long NewestGonePresent = long.MinValue;

    /// <summary>The same for numbers and truth values.</summary>
    public long NewestGoneNumeric = long.MinValue;

    /// <summary>The newest values that are gone, where <c>last</c> without a window needs them.</summary>
    public LastValues? Lasts { get; } = lasts > 0 ? new LastValues(lasts) : null;

    /// <summary>Every distinct value ever added, with the tick it first happened at.</summary>
    public Dictionary<FieldValue, long>? FirstTimes { get; } = distinct ? [] : null;

    public void Add(in FieldValue value, long time)
    {
        All.Add(value);
        if (FirstTimes is not null && !value.IsMissing && (!FirstTimes.TryGetValue(value, out var first) || time < first))
        {
            FirstTimes[value] = time;
        }
    }

    /// <summary>A row leaves, or comes too late to be kept.</summary>
    public void Forget(in FieldValue value, long time)
    {
        Gone.Add(value);
        if (value.IsMissing)
        {
            return;
        }

        NewestGonePresent = Math.Max(NewestGonePresent, time);
        if (value.IsNumeric)
        {
            NewestGoneNumeric = Math.Max(NewestGoneNumeric, time);
        }

        Lasts?.Add(time, value);
    }

    public void Save(ByteWriter writer)
    {
        All.Save(writer);
        Gone.Save(writer);
        writer.Signed(NewestGonePresent);
        writer.Signed(NewestGoneNumeric);
        Lasts?.Save(writer);
        if (FirstTimes is not null)
        {
            writer.Varint((ulong)FirstTimes.Count);
            foreach (var (value, time) in FirstTimes)
            {
                writer.Value(value);
                writer.Signed(time);
            }
        }
    }

    public void Restore(ref ByteReader reader)
    {
        All = Accumulator.Restore(ref reader);
        Gone = Accumulator.Restore(ref reader);
        NewestGonePresent = reader.Signed();
        NewestGoneNumeric = reader.Signed();
        Lasts?.Restore(ref reader);
        if (FirstTimes is not null)
        {
            for (var left = reader.Count(leastBytes: 2); left > 0; left--)
            {
                FirstTimes[reader.Value()] = reader.Signed();
            }
        }
    }
}
