using System.Buffers;
using System.Text;
using SQLitePCL;

namespace OrleansMl.Storage.Embedded.Sqlite;

/// <summary>
/// A prepared statement: bind (from 1), step, read columns (from 0), dispose. Disposing resets it; it stays prepared.
/// </summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, long? value) => value is { } number ? Bind(index, number) : BindNull(index);

    public SqliteStatement Bind(int index, double? value)
    {
        if (value is not { } number)
            return BindNull(index);
        // SQLite keeps NaN as NULL, which would read back as "none".
        if (double.IsNaN(number))
            throw new ArgumentException("NaN cannot be stored; leave the value out instead.", nameof(value));
        Check(raw.sqlite3_bind_double(handle, index, number));
        return this;
    }

    public SqliteStatement Bind(int index, string? value)
    {
        if (value is null)
            return BindNull(index);
        var most = StoredText.Strict.GetMaxByteCount(value.Length);
        byte[]? rented = null;
        var buffer = most <= 512 ? stackalloc byte[512] : (rented = ArrayPool<byte>.Shared.Rent(most));
        try
        {
            var length = StoredText.Strict.GetBytes(value, buffer);
            // An empty span has no address, which SQLite would take for NULL.
            Check(length == 0 ? raw.sqlite3_bind_text(handle, index, "") : raw.sqlite3_bind_text(handle, index, buffer[..length]));
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }

        return this;
    }

    public SqliteStatement Bind(int index, DateTime value) => Bind(index, StoredTime.ToTicks(value));

    public SqliteStatement Bind(int index, DateTime? value) => value is { } time ? Bind(index, StoredTime.ToTicks(time)) : BindNull(index);

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, index, 0) : raw.sqlite3_bind_blob(handle, index, value));
        return this;
    }

    public SqliteStatement BindNull(int index)
    {
        Check(raw.sqlite3_bind_null(handle, index));
        return this;
    }

    /// <summary>True: a row is there; false: done.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
            return false;
        var error = database.Error(code);
        raw.sqlite3_reset(handle);
        throw error;
    }

    /// <summary>Runs to the end and makes the statement ready for the next use.</summary>
    public void Run()
    {
        while (Step())
        {
        }

        Dispose();
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long GetInt64(int column) => raw.sqlite3_column_int64(handle, column);

    public int GetInt32(int column) => raw.sqlite3_column_int(handle, column);

    public double GetDouble(int column) => raw.sqlite3_column_double(handle, column);

    public DateTime GetTime(int column) => StoredTime.FromTicks(GetInt64(column));

    public long? GetInt64OrNull(int column) => IsNull(column) ? null : GetInt64(column);

    public double? GetDoubleOrNull(int column) => IsNull(column) ? null : GetDouble(column);

    public DateTime? GetTimeOrNull(int column) => IsNull(column) ? null : GetTime(column);

    // As bytes, because the text getter stops at the first NUL.
    public string GetText(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(handle, column));

    public string? GetTextOrNull(int column) => IsNull(column) ? null : GetText(column);

    /// <summary>The bytes of a column, valid until the next step.</summary>
    public ReadOnlySpan<byte> GetSpan(int column) => raw.sqlite3_column_blob(handle, column);

    public byte[] GetBytes(int column) => GetSpan(column).ToArray();

    /// <summary>Makes the statement ready for the next use; a reader that is not reset would hold its snapshot.</summary>
    public void Dispose()
    {
        raw.sqlite3_reset(handle);
        raw.sqlite3_clear_bindings(handle);
    }

    /// <summary>Frees the statement.</summary>
    public void Close() => raw.sqlite3_finalize(handle);

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw database.Error(code);
    }
}
