using Microsoft.Extensions.Logging;
using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Streams;

/// <summary>
/// Removes records that need not stay: soon after positions or releases have moved, what consumers have released; now and
/// then, what is older than the retention. In pieces, so that no other writer waits long.
/// </summary>
internal sealed class StreamTrimmer : IDisposable
{
    /// <summary>Rows of one delete.</summary>
    private const int Piece = 4_096;

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_later = TimeSpan.FromMinutes(10);

    private readonly GroupCommitWriter _writer;
    private readonly ReaderPool _readers;
    private readonly StreamWriteRules _rules;
    private readonly TimeSpan _retention;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly long[] _swept;
    private readonly ITimer _timer;
    private int _isArmed;

    public StreamTrimmer(GroupCommitWriter writer, ReaderPool readers, StreamWriteRules rules, TimeSpan retention, ILogger logger)
    {
        (_writer, _readers, _rules, _retention, _logger) = (writer, readers, rules, retention, logger);
        _swept = new long[rules.Queues];
        _timer = rules.Time.CreateTimer(_ => _ = RunAsync(), null, s_soon, s_later);
    }

    /// <summary>Something may have become free to go.</summary>
    public void Arm()
    {
        if (Interlocked.Exchange(ref _isArmed, 1) == 0)
            _timer.Change(s_soon, s_later);
    }

    public async ValueTask<long> TrimAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await TrimReleasedAsync(cancellationToken).ConfigureAwait(false) + await TrimOldAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _timer.Dispose();
    }

    private async Task RunAsync()
    {
        Volatile.Write(ref _isArmed, 0);
        try
        {
            await TrimAsync(_closing.Token).ConfigureAwait(false);
        }
        catch (Exception) when (_closing.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // Nothing is lost by what stays: the next pass comes.
            StoreLog.TrimFailed(_logger, e);
        }
    }

    private async ValueTask<long> TrimReleasedAsync(CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var (stream, queue, released, position) in ListReleased())
        {
            removed += await DeleteAsync(
                StreamSql.TrimStream,
                s => s.Bind(1, stream).Bind(2, queue).Bind(3, released).Bind(4, position).Bind(5, (long)Piece),
                cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    private async ValueTask<long> TrimOldAsync(CancellationToken cancellationToken)
    {
        var removed = 0L;
        for (var queue = 0; queue < _swept.Length; queue++)
        {
            var (from, to) = (_swept[queue], OldEnd(queue));
            if (to <= from)
                continue;
            var number = queue;
            removed += await DeleteAsync(
                StreamSql.TrimQueue,
                s => s.Bind(1, (long)number).Bind(2, from).Bind(3, to).Bind(4, (long)Piece),
                cancellationToken).ConfigureAwait(false);

            // Nothing is ever appended below: the next pass need not look there.
            _swept[queue] = to;
        }

        return removed;
    }

    private List<(long Stream, long Queue, long Released, long Position)> ListReleased()
    {
        using var lease = _readers.Rent();
        using var query = lease.Database.Prepare(StreamSql.ListReleased);
        var streams = new List<(long, long, long, long)>();
        while (query.Step())
            streams.Add((query.GetInt64(0), query.GetInt64(1), query.GetInt64(2), query.GetInt64(3)));
        return streams;
    }

    /// <summary>The offset below which a queue's records are passed and older than the retention.</summary>
    private long OldEnd(int queue)
    {
        using var lease = _readers.Rent();
        long position;
        using (var state = lease.Database.Prepare(StreamSql.GetQueue))
        {
            state.Bind(1, (long)queue).Step();
            position = state.GetInt64(0);
        }

        return position < 0 ? 0 : Math.Min(position, StreamTimes.FirstOffsetAt(lease.Database, queue, _rules.Time.GetUtcNow().UtcDateTime - _retention));
    }

    private async ValueTask<long> DeleteAsync(SqlText sql, Action<SqliteStatement> bind, CancellationToken cancellationToken)
    {
        var all = 0L;
        int removed;
        do
        {
            removed = await _writer.RunAsync(
                session =>
                {
                    var statement = session.Database.Prepare(sql);
                    bind(statement);
                    statement.Run();
                    return session.Database.Changes;
                },
                Piece / 4,
                cancellationToken).ConfigureAwait(false);
            all += removed;
        }
        while (removed == Piece);
        return all;
    }
}
