using System.Buffers;
using System.Collections.Concurrent;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// Moves records from segments into pages, where they are found by entity: entity after entity, a piece in each commit, so
/// that no commit waits for the whole. When all that the older segments hold is in pages, they go. As much is moved
/// with a commit as twice what the one before has added, so a round ends, and what waits in memory stays bounded.
/// Used by the writer's thread alone.
/// </summary>
/// <param name="threshold">Bytes of segments at which a round begins.</param>
internal sealed class LogPaging(long threshold)
{
    private const int LeastRecords = 64;

    private readonly ArrayBufferWriter<byte> _page = new();
    private readonly List<Move> _moves = [];
    private List<(EntityLogState State, long Through)>? _round;
    private int _next;
    private long _roundEnd;
    private long _lastSegment;
    private long _bytes;
    private bool _isRoundOver;

    /// <summary>A segment was committed.</summary>
    public void Grow(long segment, long bytes)
    {
        _lastSegment = segment;
        _bytes += bytes;
    }

    /// <summary>Moves the next piece, within the open transaction.</summary>
    /// <param name="added">Records that the last commit added.</param>
    public void MoveSome(SqliteDatabase database, EntityDirectory directory, int added)
    {
        if (_round is null)
        {
            if (_bytes < threshold)
                return;
            // By entity, so that neighbours share the database's pages.
            _round = [.. directory.Pending.OrderBy(s => s.Pk).Select(s => (s, s.LastSequence))];
            (_next, _roundEnd, _bytes) = (0, _lastSegment, 0);
        }

        var room = Math.Max(LeastRecords, 2 * added);
        var next = _next;
        while (next < _round.Count && room > 0)
        {
            var (state, through) = _round[next];
            if (MovePiece(database, state, through, ref room))
                next++;
        }

        if (next < _round.Count)
            return;
        database.Prepare(EntityLogSql.DeleteSegments).Bind(1, _roundEnd).Run();
        _isRoundOver = true;
    }

    /// <summary>What was moved is durable.</summary>
    public void Committed(ConcurrentDictionary<string, PendingLog> pending)
    {
        foreach (var (state, through, isLast) in _moves)
        {
            state.Ids.RemoveFirst((int)(through - state.PagedThrough));
            (state.PagedThrough, state.IsStored) = (through, true);
            state.Pending.RemoveThrough(through);
            if (state.Pending.IsEmpty)
                pending.TryRemove(state.Key, out _);
            if (isLast)
                _next++;
        }

        _moves.Clear();
        if (_isRoundOver)
            _round = null;
        _isRoundOver = false;
    }

    /// <summary>The transaction is rolled back: what it moved is where it was.</summary>
    public void Abandoned()
    {
        _moves.Clear();
        _isRoundOver = false;
    }

    /// <summary>Moves records of one log as long as there is room; true: all that the round wants of it.</summary>
    private bool MovePiece(SqliteDatabase database, EntityLogState state, long through, ref int room)
    {
        var chunks = state.Pending.After(state.PagedThrough, room, out _);
        var (count, records) = (0, 0);
        while (count < chunks.Length && chunks[count].First <= through && records < room)
            records += chunks[count++].Count;
        var moved = chunks.AsSpan(0, count);
        var last = moved[^1];
        LogPages.CheckPlace(state.Key, state.Pk, last.Last);
        if (state.IsStored)
            database.Prepare(EntityLogSql.MoveEntity).Bind(1, state.Pk).Bind(2, last.Last).Bind(3, last.Created).Run();
        else
            database.Prepare(EntityLogSql.InsertEntity).Bind(1, state.Pk).Bind(2, state.Key).Bind(3, last.Last).Bind(4, last.Created).Run();
        LogPages.Write(database, state.Pk, moved, _page);
        var sequence = state.PagedThrough;
        foreach (var hash in state.Ids.Hashes[..records])
            LogPages.WriteId(database, state.Pk, hash, ++sequence);
        room -= records;
        var isLast = last.Last >= through;
        _moves.Add(new Move(state, last.Last, isLast));
        return isLast;
    }

    private readonly record struct Move(EntityLogState State, long Through, bool IsLast);
}
