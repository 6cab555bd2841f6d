namespace OrleansMl.Storage.Embedded;

/// <summary>
/// The embedded store could not read or write: a full disk, an I/O error, a damaged file. Of a write that ends so, nothing
/// was stored as far as the store knows (after a crash in that moment it may turn out to have been).
/// </summary>
public sealed class StoreException : IOException
{
    /// <param name="message">What failed.</param>
    /// <param name="resultCode">SQLite's extended result code; 0 where it was not SQLite that failed.</param>
    /// <param name="innerException">What caused it.</param>
    public StoreException(string message, int resultCode, Exception? innerException = null)
        : base(message, innerException) => ResultCode = resultCode;

    /// <summary>SQLite's extended result code (its low byte is the primary one: 13 full, 10 I/O error, 11 corrupt).</summary>
    public int ResultCode { get; }
}
