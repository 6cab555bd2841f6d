using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// What the open transaction adds to entity logs. It is written as one segment before the commit: one row for the appends of
/// all entities, in the place of a row and an index entry for each record. Later, records of an entity that have gathered
/// move into pages together (<see cref="LogPaging"/>). A segment is a list of: 2·pk, or 2·pk + 1 and the key (length,
/// UTF-8); first sequence; chunk.
/// </summary>
internal sealed class EntityLogStage(EntityDirectory directory, LogPaging paging) : IStagedWrites
{
    private readonly List<Entry> _entries = [];
    private readonly ArrayBufferWriter<byte> _segment = new();
    private readonly List<int> _places = [];
    private readonly ConcurrentDictionary<string, PendingLog> _pending = new(StringComparer.Ordinal);
    private long _segmentId;
    private int _records;

    public int Count => _entries.Count;

    /// <summary>What is committed of a log and not in pages; null: nothing.</summary>
    public PendingLog? PendingOf(string key) => _pending.GetValueOrDefault(key);

    /// <summary>Adds a chunk to a log; its ids have been added already, and the first of them lies at <paramref name="ids"/>.</summary>
    public void Add(EntityLogState state, LogChunk chunk, int ids)
    {
        _entries.Add(new Entry(state, chunk, ids, state.LastSequence, state.LastCreated));
        state.Staged.Add(chunk);
        (state.LastSequence, state.LastCreated) = (chunk.Last, chunk.Created);
    }

    public void UndoTo(int count)
    {
        for (var i = _entries.Count - 1; i >= count; i--)
        {
            var (state, _, ids, last, created) = _entries[i];
            state.Staged.RemoveAt(state.Staged.Count - 1);
            state.Ids.Truncate(ids);
            (state.LastSequence, state.LastCreated) = (last, created);
        }

        _entries.RemoveRange(count, _entries.Count - count);
    }

    public void MoveSome(SqliteDatabase database) => paging.MoveSome(database, directory, _records);

    public void Abandoned() => paging.Abandoned();

    public void Write(SqliteDatabase database)
    {
        if (_entries.Count == 0)
            return;
        _segment.ResetWrittenCount();
        _places.Clear();
        foreach (var (state, chunk, _, _, _) in _entries)
        {
            WriteNumber((ulong)state.Pk << 1 | (state.IsStored ? 0u : 1u));
            if (!state.IsStored)
            {
                WriteNumber((ulong)Encoding.UTF8.GetByteCount(state.Key));
                Encoding.UTF8.GetBytes(state.Key, _segment);
            }

            WriteNumber((ulong)chunk.First);
            chunk.Write(_segment);
            _places.Add(_segment.WrittenCount - chunk.Records.Length);
        }

        database.Prepare(EntityLogSql.InsertSegment).Bind(1, _segment.WrittenSpan).Run();
        _segmentId = database.LastInsertRowId;
    }

    public void Committed()
    {
        paging.Committed(_pending);
        _records = 0;
        if (_entries.Count == 0)
            return;
        // What stays in memory is one array for all of them, which no collection has to move.
        var segment = _segment.WrittenSpan.ToArray();
        for (var i = 0; i < _entries.Count; i++)
        {
            var (state, chunk, _, _, _) = _entries[i];
            _records += chunk.Count;
            Publish(state, chunk with { Records = segment.AsMemory(_places[i], chunk.Records.Length) });
            state.Staged.Clear();
        }

        _entries.Clear();
        paging.Grow(_segmentId, segment.Length);
    }

    /// <summary>Takes up what segments hold beyond the pages, when the store is opened.</summary>
    public bool Replay(SqliteDatabase database)
    {
        var states = new Dictionary<long, EntityLogState>();
        using var query = database.Prepare(EntityLogSql.ReadSegments);
        while (query.Step())
        {
            var segment = query.GetBytes(1);
            ReadOnlySpan<byte> bytes = segment;
            paging.Grow(query.GetInt64(0), bytes.Length);
            while (!bytes.IsEmpty)
            {
                var number = Varint.Read(ref bytes);
                var key = (number & 1) == 0 ? null : ReadText(ref bytes);
                var first = (long)Varint.Read(ref bytes);
                LogChunk.Read(ref bytes, out var created, out var count, out var records);
                var place = segment.Length - bytes.Length - records.Length;
                var pk = (long)(number >> 1);
                if (!states.TryGetValue(pk, out var state))
                    states.Add(pk, state = directory.Restore(database, pk, key));
                // Pages may be ahead of the segments that are still there.
                if (first <= state.LastSequence)
                    continue;
                var chunk = new LogChunk(first, count, created, segment.AsMemory(place, records.Length));
                for (; count > 0; count--)
                {
                    var record = LogRecordCodec.Read(ref records);
                    state.Ids.Add(LogRecordCodec.HashOf(record.Kind, record.Id));
                }

                (state.LastSequence, state.LastCreated) = (chunk.Last, chunk.Created);
                Publish(state, chunk);
            }
        }

        return true;
    }

    private void Publish(EntityLogState state, LogChunk chunk)
    {
        var isFirst = state.Pending.IsEmpty;
        state.Pending.Add(chunk);
        if (isFirst)
            _pending[state.Key] = state.Pending;
    }

    private void WriteNumber(ulong value) => _segment.Advance(Varint.Write(_segment.GetSpan(10), value));

    private static string ReadText(ref ReadOnlySpan<byte> bytes)
    {
        var length = (int)Varint.Read(ref bytes);
        var text = Encoding.UTF8.GetString(bytes[..length]);
        bytes = bytes[length..];
        return text;
    }

    private readonly record struct Entry(EntityLogState State, LogChunk Chunk, int Ids, long LastSequence, long LastCreated);
}
