using System.Collections.Concurrent;

namespace OrleansMl.Storage.Embedded.Sqlite;

/// <summary>
/// Read-only connections. Reads run on the caller's thread: they take microseconds from memory, less than a switch of
/// threads, and each statement sees every commit done before it began. None waits for another: where all are lent, one
/// more is opened; at most <paramref name="kept"/> are kept.
/// </summary>
internal sealed class ReaderPool(string path, int kept) : IDisposable
{
    private readonly ConcurrentQueue<SqliteDatabase> _idle = new();
    private int _idleCount;
    private volatile bool _isDisposed;

    /// <summary>For reads that memory answers.</summary>
    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(EmbeddedStore));

    public Lease Rent()
    {
        ThrowIfDisposed();
        if (_idle.TryDequeue(out var database))
            Interlocked.Decrement(ref _idleCount);
        else
            database = Open();
        return new Lease(this, database);
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryDequeue(out var database))
            database.Dispose();
    }

    private SqliteDatabase Open()
    {
        var database = SqliteDatabase.Open(path, readOnly: true);
        try
        {
            database.Execute("PRAGMA query_only = 1; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void Return(SqliteDatabase database)
    {
        if (_isDisposed || Interlocked.Increment(ref _idleCount) > kept)
        {
            Interlocked.Decrement(ref _idleCount);
            database.Dispose();
            return;
        }

        _idle.Enqueue(database);
        // Disposed meanwhile: whoever dequeues it closes it.
        if (_isDisposed && _idle.TryDequeue(out var left))
            left.Dispose();
    }

    /// <summary>A connection on loan.</summary>
    public readonly struct Lease(ReaderPool pool, SqliteDatabase database) : IDisposable
    {
        public SqliteDatabase Database => database;

        public void Dispose() => pool.Return(database);
    }
}
