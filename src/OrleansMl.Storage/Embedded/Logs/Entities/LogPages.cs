using System.Buffers;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// The pages of all logs: chunks of one entity with consecutive sequences in one row, at the place (entity, first sequence),
/// so that an entity's log is one range of the table.
/// </summary>
internal static class LogPages
{
    /// <summary>A page is closed when it has this many bytes; one that just fits into SQLite's page of 4 KiB needs no other.</summary>
    private const int Full = 3_000;

    private const int SequenceBits = 32;

    /// <summary>Where the page that begins with this record lies.</summary>
    public static long Place(long pk, long sequence) => (pk << SequenceBits) | sequence;

    /// <exception cref="InvalidOperationException">A log, or the number of entities, is past what a place can name.</exception>
    public static void CheckPlace(string key, long pk, long last)
    {
        if (last > uint.MaxValue)
            throw new InvalidOperationException($"The log of '{key}' is full: it holds {uint.MaxValue} records.");
        if (pk > int.MaxValue)
            throw new InvalidOperationException($"The store is full: it holds {int.MaxValue} entities.");
    }

    /// <summary>Writes chunks as pages, and their ids.</summary>
    public static void Write(SqliteDatabase database, long pk, ReadOnlySpan<LogChunk> chunks, ArrayBufferWriter<byte> buffer)
    {
        var first = 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            if (buffer.WrittenCount == 0)
                first = i;
            chunks[i].Write(buffer);
            if (buffer.WrittenCount < Full && i < chunks.Length - 1)
                continue;
            database.Prepare(EntityLogSql.InsertPage).Bind(1, Place(pk, chunks[first].First)).Bind(2, buffer.WrittenSpan).Run();
            buffer.ResetWrittenCount();
        }
    }

    public static void WriteId(SqliteDatabase database, long pk, ulong hash, long sequence) =>
        database.Prepare(EntityLogSql.InsertId).Bind(1, pk).Bind(2, (long)hash).Bind(3, sequence).Run();

    /// <summary>Adds records after a sequence, and none from <paramref name="end"/> on, until there are <paramref name="limit"/>.</summary>
    public static void Read(SqliteDatabase database, long pk, long after, long end, int limit, List<LogEntry> entries)
    {
        using var query = OpenAt(database, pk, after + 1);
        while (entries.Count < limit && query.Step())
        {
            var sequence = query.GetInt64(0) & uint.MaxValue;
            var bytes = query.GetSpan(1);
            while (!bytes.IsEmpty && entries.Count < limit)
            {
                LogChunk.Read(ref bytes, out var created, out var count, out var records);
                if (sequence >= end)
                    return;
                ReadChunk(records, sequence, count, created, after, end, limit, entries);
                sequence += count;
            }
        }
    }

    /// <summary>Adds the records of one chunk that lie after a sequence and before <paramref name="end"/>.</summary>
    public static void ReadChunk(ReadOnlySpan<byte> records, long first, int count, long created, long after, long end, int limit, List<LogEntry> entries)
    {
        if (first + count - 1 <= after)
            return;
        for (var sequence = first; sequence < first + count && sequence < end && entries.Count < limit; sequence++)
        {
            var record = LogRecordCodec.Read(ref records);
            if (sequence > after)
                entries.Add(record.ToEntry(sequence, created));
        }
    }

    /// <summary>Hands the record at a sequence to <paramref name="use"/>, while its bytes are there.</summary>
    /// <exception cref="FormatException">It is not there.</exception>
    public static T Use<T>(SqliteDatabase database, long pk, long sequence, Func<LogRecordView, T> use)
    {
        using var query = OpenAt(database, pk, sequence);
        if (query.Step())
        {
            var at = query.GetInt64(0) & uint.MaxValue;
            var bytes = query.GetSpan(1);
            while (!bytes.IsEmpty)
            {
                LogChunk.Read(ref bytes, out _, out var count, out var records);
                if (sequence < at + count)
                    return UseAt(records, sequence - at, use);
                at += count;
            }
        }

        throw new FormatException($"The store's index names record {sequence} of entity {pk}, which its log does not hold; the file is damaged.");
    }

    public static T UseAt<T>(ReadOnlySpan<byte> records, long index, Func<LogRecordView, T> use)
    {
        for (; index > 0; index--)
            LogRecordCodec.Read(ref records);
        return use(LogRecordCodec.Read(ref records));
    }

    private static SqliteStatement OpenAt(SqliteDatabase database, long pk, long sequence) =>
        database.Prepare(EntityLogSql.ReadPages).Bind(1, Place(pk, 0)).Bind(2, Place(pk, Math.Min(sequence, uint.MaxValue))).Bind(3, Place(pk, uint.MaxValue));
}
