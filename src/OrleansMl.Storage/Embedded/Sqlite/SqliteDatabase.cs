using SQLitePCL;

namespace OrleansMl.Storage.Embedded.Sqlite;

/// <summary>
/// One connection, used by one thread at a time, with its prepared statements. It works on SQLite's own API rather than on
/// ADO.NET: payloads are bound from spans without a copy or a box, and no transaction is opened behind the caller's back.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly sqlite3 _open;
    private bool _isDisposed;
    private SqliteStatement?[] _statements = new SqliteStatement?[64];

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle, string path)
    {
        _open = handle;
        Path = path;
    }

    public string Path { get; }

    // SQLite itself would follow a freed pointer.
    private sqlite3 Handle => _isDisposed ? throw new ObjectDisposedException(nameof(SqliteDatabase), $"The connection to '{Path}' is closed.") : _open;

    /// <summary>False when SQLite has rolled the transaction back by itself, which it does on some I/O errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Rows that the last statement inserted, updated or deleted.</summary>
    public int Changes => raw.sqlite3_changes(Handle);

    /// <summary>Rows that statements have inserted, updated or deleted since the connection was opened.</summary>
    public int TotalChanges => raw.sqlite3_total_changes(Handle);

    public long LastInsertRowId => raw.sqlite3_last_insert_rowid(Handle);

    /// <summary>Opens a connection; a read-only one sees each commit as soon as it is done.</summary>
    /// <exception cref="StoreException">The file cannot be opened.</exception>
    public static SqliteDatabase Open(string path, bool readOnly)
    {
        var flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE) | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var reason = raw.sqlite3_errstr(code).utf8_to_string();
            handle?.Dispose();
            throw new StoreException($"The store's file '{path}' cannot be opened: {reason}.", code);
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, 5_000);
        return new SqliteDatabase(handle, path);
    }

    /// <summary>Runs statements without parameters and without results.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(Handle, sql);
        if (code != raw.SQLITE_OK)
            throw Error(code);
    }

    /// <summary>The prepared statement, ready for binding. Dispose it after use, which resets it for the next.</summary>
    public SqliteStatement Prepare(SqlText sql)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (sql.Index >= _statements.Length)
            Array.Resize(ref _statements, Math.Max(sql.Index + 1, _statements.Length * 2));
        return _statements[sql.Index] ??= Compile(sql.Text);
    }

    /// <summary>Compiles a statement that is used once; the caller closes it with <see cref="SqliteStatement.Close"/>.</summary>
    public SqliteStatement Compile(string sql)
    {
        var code = raw.sqlite3_prepare_v2(Handle, sql, out var handle);
        if (code != raw.SQLITE_OK)
            throw Error(code);
        return new SqliteStatement(this, handle);
    }

    /// <summary>Runs a statement without parameters.</summary>
    public void Run(SqlText sql)
    {
        using var statement = Prepare(sql);
        statement.Step();
    }

    /// <summary>A whole number that a pragma or a query answers with.</summary>
    public long QueryNumber(string sql)
    {
        var statement = Compile(sql);
        try
        {
            return statement.Step() ? statement.GetInt64(0) : 0;
        }
        finally
        {
            statement.Close();
        }
    }

    public StoreException Error(int code)
    {
        var message = raw.sqlite3_errmsg(Handle).utf8_to_string();
        return new StoreException($"The store's file '{Path}' refused: {message} (SQLite code {code}).", code);
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        foreach (var statement in _statements)
            statement?.Close();
        raw.sqlite3_close_v2(_open);
    }
}
