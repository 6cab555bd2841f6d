using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Commit;

/// <summary>
/// The one writer. Its thread takes all that waits into one transaction, commits it once, and then answers the callers: a
/// lone operation waits for one sync of the disk, and a thousand share one. An operation that fails does not take the others
/// with it: most fail before they have written anything, and where one has, all run again with a savepoint for each. (A
/// savepoint for each from the start would copy every page that an operation touches, which costs more than its writes.)
/// </summary>
internal sealed class GroupCommitWriter : IDisposable
{
    private static readonly SqlText s_begin = new("BEGIN IMMEDIATE");
    private static readonly SqlText s_commit = new("COMMIT");
    private static readonly SqlText s_rollback = new("ROLLBACK");
    private static readonly SqlText s_savepoint = new("SAVEPOINT operation");
    private static readonly SqlText s_release = new("RELEASE operation");
    private static readonly SqlText s_rollbackTo = new("ROLLBACK TO operation");

    private readonly Func<SqliteDatabase> _open;
    private readonly OperationQueue _queue;
    private readonly IStagedWrites _staged;
    private readonly int _maxBatchRows;
    private readonly Action<int> _queueTouched;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private WriteSession? _session;
    private long _generation;

    /// <param name="open">Opens the write connection, now and after a failure that it did not survive.</param>
    /// <param name="options">Sizes of batch and queue.</param>
    /// <param name="staged">What operations write in one piece.</param>
    /// <param name="queueTouched">Called on the writer's thread after a commit, for each queue of the stream log that got records; must not block.</param>
    /// <param name="logger">Where failed commits are reported.</param>
    public GroupCommitWriter(Func<SqliteDatabase> open, EmbeddedStoreOptions options, IStagedWrites staged, Action<int> queueTouched, ILogger logger)
    {
        _open = open;
        _staged = staged;
        _queue = new OperationQueue(options.QueueCapacity);
        _maxBatchRows = options.MaxBatchRows;
        _queueTouched = queueTouched;
        _logger = logger;
        _session = new WriteSession(open());
        _thread = new Thread(Run) { IsBackground = true, Name = "oml-store-writer" };
        _thread.Start();
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the writer's thread; completes when its commit is durable. Work that throws is undone
    /// and the exception handed to the caller. Cancelling ends the wait for a turn; work that has begun goes through.
    /// </summary>
    /// <param name="work">Writes through the session alone: it may run twice, the first time for nothing.</param>
    /// <param name="rows">About how many rows it writes.</param>
    /// <param name="cancellationToken">Stops the wait for a turn.</param>
    public ValueTask<T> RunAsync<T>(Func<WriteSession, T> work, int rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new WriteOperation<T>(work, rows, cancellationToken);
        var enqueued = _queue.EnqueueAsync(operation);
        return enqueued.IsCompletedSuccessfully ? new ValueTask<T>(operation.Task) : AwaitAsync(enqueued, operation);
    }

    /// <summary>Writes what waits, checkpoints and closes.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
    }

    private void Run()
    {
        var batch = new List<WriteOperation>();
        var executed = new List<WriteOperation>();
        while (_queue.Take(batch, _maxBatchRows))
        {
            Write(batch, executed);
            batch.Clear();
            executed.Clear();
        }

        Close();
    }

    private void Write(List<WriteOperation> batch, List<WriteOperation> executed)
    {
        var started = Stopwatch.GetTimestamp();
        WriteSession session;
        try
        {
            session = _session ??= new WriteSession(_open());
            session.Generation = _generation;
            session.Database.Run(s_begin);
            MoveSome(session.Database);
            if (!TryExecuteTogether(session, batch, executed))
            {
                session.Database.Run(s_rollback);
                session.Generation = ++_generation;
                session.TouchedQueues.Clear();
                _staged.UndoTo(0);
                _staged.Abandoned();
                executed.Clear();
                session.Database.Run(s_begin);
                foreach (var operation in batch)
                    Execute(session, operation, executed);
            }

            _staged.Write(session.Database);
            session.Database.Run(s_commit);
            _staged.Committed();
        }
        catch (Exception e)
        {
            Abandon(batch, e);
            return;
        }

        foreach (var operation in executed)
            operation.Complete();
        StoreInstruments.CommitOperations.Record(executed.Count);
        StoreInstruments.CommitDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        foreach (var queue in session.TouchedQueues)
            _queueTouched(queue);
        session.TouchedQueues.Clear();
    }

    private void MoveSome(SqliteDatabase database)
    {
        try
        {
            _staged.MoveSome(database);
        }
        catch (StoreException e) when (database.InTransaction && !SpoilsTransaction(e))
        {
            // It can wait, and on a full disk it must not keep those from writing who make room.
            StoreLog.MoveFailed(_logger, e);
            database.Run(s_rollback);
            _staged.Abandoned();
            database.Run(s_begin);
        }
    }

    /// <summary>Runs all without savepoints. False: one has failed after it had written something, and nothing may be kept.</summary>
    private bool TryExecuteTogether(WriteSession session, List<WriteOperation> batch, List<WriteOperation> executed)
    {
        List<(WriteOperation Operation, Exception Cause)>? failed = null;
        foreach (var operation in batch)
        {
            if (operation.CancellationToken.IsCancellationRequested)
            {
                operation.Cancel();
                continue;
            }

            var (changes, staged) = (session.Database.TotalChanges, _staged.Count);
            try
            {
                operation.Execute(session);
                executed.Add(operation);
            }
            catch (Exception e) when (session.Database.InTransaction && !SpoilsTransaction(e))
            {
                if (session.Database.TotalChanges != changes || _staged.Count != staged)
                    return false;
                (failed ??= []).Add((operation, e));
            }
        }

        // Only now: had they to run again, what they failed for might be gone.
        foreach (var (operation, cause) in failed ?? [])
            operation.Fail(cause);
        return true;
    }

    private static async ValueTask<T> AwaitAsync<T>(ValueTask enqueued, WriteOperation<T> operation)
    {
        await enqueued.ConfigureAwait(false);
        return await operation.Task.ConfigureAwait(false);
    }

    private void Execute(WriteSession session, WriteOperation operation, List<WriteOperation> executed)
    {
        if (operation.CancellationToken.IsCancellationRequested)
        {
            operation.Cancel();
            return;
        }

        var (database, staged) = (session.Database, _staged.Count);
        database.Run(s_savepoint);
        try
        {
            operation.Execute(session);
        }
        catch (Exception e) when (database.InTransaction && !SpoilsTransaction(e))
        {
            session.Generation = ++_generation;
            _staged.UndoTo(staged);
            database.Run(s_rollbackTo);
            database.Run(s_release);
            operation.Fail(e);
            return;
        }

        database.Run(s_release);
        executed.Add(operation);
    }

    // A full disk is undone by the savepoint; after an I/O error or in a damaged file nothing of the transaction can be trusted.
    private static bool SpoilsTransaction(Exception exception)
        => exception is StoreException { ResultCode: var code } && (code & 0xff) is not (SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_CONSTRAINT or SQLitePCL.raw.SQLITE_TOOBIG);

    /// <summary>Nothing of the batch is stored: rolls back, or where that fails too, opens the file anew for the next batch.</summary>
    private void Abandon(List<WriteOperation> batch, Exception cause)
    {
        _generation++;
        _staged.UndoTo(0);
        _staged.Abandoned();
        StoreInstruments.CommitFailures.Add(1);
        StoreLog.CommitFailed(_logger, batch.Count, cause);
        try
        {
            if (_session is { } session)
            {
                session.TouchedQueues.Clear();
                if (session.Database.InTransaction)
                    session.Database.Run(s_rollback);
            }
        }
        catch (Exception e)
        {
            StoreLog.Reopening(_logger, e);
            _session?.Database.Dispose();
            _session = null;
        }

        var code = cause is StoreException store ? store.ResultCode : 0;
        foreach (var operation in batch)
            operation.Fail(new StoreException($"The commit failed and nothing of it was stored: {cause.Message}", code, cause));
    }

    private void Close()
    {
        if (_session is not { } session)
            return;
        try
        {
            session.Database.Execute("PRAGMA wal_checkpoint(TRUNCATE);");
        }
        catch (StoreException e)
        {
            // Nothing is lost: the log is replayed when the store is opened again.
            StoreLog.CheckpointFailed(_logger, e);
        }

        session.Database.Dispose();
    }
}
