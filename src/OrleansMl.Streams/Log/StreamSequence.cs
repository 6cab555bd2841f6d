using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Streams;

/// <summary>
/// The place of a record in its stream, 1, 2, 3, …, given when it was stored. It travels as a header, so that it stays the
/// same on every log: a consumer that keeps state sees by it what it has had, and what it has missed.
/// </summary>
public static class StreamSequence
{
    public const string Header = "oml_sequence";

    /// <summary>The record's sequence; null: it has none.</summary>
    public static long? Of(StreamRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        foreach (var (name, value) in record.Headers)
        {
            if (name == Header)
                return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : null;
        }

        return null;
    }

    /// <summary>The record with a sequence, in place of one that it may have had elsewhere.</summary>
    public static StreamRecord With(StreamRecord record, long sequence)
    {
        ArgumentNullException.ThrowIfNull(record);
        var others = record.Headers.IsEmpty ? record.Headers : record.Headers.RemoveAll(h => h.Key == Header);
        return record with { Headers = others.Add(KeyValuePair.Create(Header, sequence.ToString(CultureInfo.InvariantCulture))) };
    }
}
