using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// One append in the making: which of its records are new. An id is looked for by its hash, first among those that are not in
/// pages, then in the index of those that are; what is found is compared in full, so that a collision of hashes does no harm.
/// </summary>
internal sealed class LogAppending(SqliteDatabase database, EntityLogState state, EncodedRecords encoded)
{
    private readonly int[] _taken = new int[encoded.Ends.Length];

    /// <summary>Number of new records.</summary>
    public int Count { get; private set; }

    /// <summary>Takes the record as the next one, unless the log holds it already.</summary>
    public LogAppendOutcome Take(int index, in LogAppend record)
    {
        var hash = encoded.Hashes[index];
        if (FindEarlier(hash, index, record) is { } earlier)
            return earlier;
        state.Ids.Add(hash);
        _taken[Count++] = index;
        return new LogAppendOutcome(LogAppendStatus.Appended, state.LastSequence + Count);
    }

    /// <summary>The new records.</summary>
    public LogChunk ToChunk(long created)
    {
        if (Count == _taken.Length)
            return new LogChunk(state.LastSequence + 1, Count, created, encoded.Bytes);
        var size = 0;
        foreach (var index in _taken.AsSpan(0, Count))
            size += encoded[index].Length;
        var bytes = new byte[size];
        var at = 0;
        foreach (var index in _taken.AsSpan(0, Count))
        {
            encoded[index].CopyTo(bytes.AsSpan(at));
            at += encoded[index].Length;
        }

        return new LogChunk(state.LastSequence + 1, Count, created, bytes);
    }

    /// <summary>What the log holds of the id at this revision, or else above it: the next one.</summary>
    private LogAppendOutcome? FindEarlier(ulong hash, int index, in LogAppend record)
    {
        List<long>? sequences = null;
        if (state.Ids.Contains(hash))
        {
            var hashes = state.Ids.Hashes;
            for (var i = 0; i < hashes.Length; i++)
            {
                if (hashes[i] == hash)
                    (sequences ??= []).Add(state.PagedThrough + 1 + i);
            }
        }

        if (state.PagedThrough > 0)
        {
            using var query = database.Prepare(EntityLogSql.FindIds);
            query.Bind(1, state.Pk).Bind(2, (long)hash);
            while (query.Step())
            {
                if (query.GetInt64(0) <= state.PagedThrough)
                    (sequences ??= []).Add(query.GetInt64(0));
            }
        }

        var (found, nearest, isSame) = (0L, int.MaxValue, false);
        foreach (var sequence in sequences ?? [])
        {
            var other = Compare(sequence, index, record);
            if (other.IsSameId && other.Revision >= record.Revision && other.Revision < nearest)
                (found, nearest, isSame) = (sequence, other.Revision, other.IsSame);
        }

        return found == 0 ? null : new LogAppendOutcome(isSame ? LogAppendStatus.Duplicate : LogAppendStatus.Conflict, found);
    }

    private Comparison Compare(long sequence, int index, in LogAppend record)
    {
        var isStamped = record.TimeIsStamped;
        if (sequence <= state.PagedThrough)
            return LogPages.Use(database, state.Pk, sequence, other => Compare(other, index, isStamped));
        if (sequence > state.LastSequence)
            return Compare(Read(encoded[_taken[(int)(sequence - state.LastSequence - 1)]]), index, isStamped);
        foreach (var chunk in state.Pending.After(sequence - 1, 1, out _).Concat(state.Staged))
        {
            if (sequence <= chunk.Last)
                return LogPages.UseAt(chunk.Records.Span, sequence - chunk.First, other => Compare(other, index, isStamped));
        }

        throw new FormatException($"Record {sequence} of '{state.Key}' is in neither pages nor segments.");
    }

    private Comparison Compare(LogRecordView other, int index, bool isStamped)
    {
        var mine = Read(encoded[index]);
        var isSame = other.Revision == mine.Revision
            && (isStamped || other.EventTime == mine.EventTime)
            && other.Payload.SequenceEqual(mine.Payload)
            && other.Type.SequenceEqual(mine.Type);
        return new Comparison(other.Kind == mine.Kind && other.Id.SequenceEqual(mine.Id), other.Revision, isSame);
    }

    private static LogRecordView Read(ReadOnlySpan<byte> bytes) => LogRecordCodec.Read(ref bytes);

    private readonly record struct Comparison(bool IsSameId, int Revision, bool IsSame);
}
