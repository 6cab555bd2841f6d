using Microsoft.Extensions.Logging;

namespace OrleansMl.Storage.Embedded;

/// <summary>What the embedded store reports.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(EventId = 7001, Level = LogLevel.Information, Message = "The store '{Path}' is open (durability {Durability}).")]
    public static partial void Opened(ILogger logger, string path, StoreDurability durability);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Error, Message = "A commit of {Operations} operations failed; nothing of it was stored and its callers were told.")]
    public static partial void CommitFailed(ILogger logger, int operations, Exception exception);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Error, Message = "The store's connection did not survive a failed commit and is opened anew.")]
    public static partial void Reopening(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 7004, Level = LogLevel.Warning, Message = "The last checkpoint failed; the log will be replayed when the store is opened again.")]
    public static partial void CheckpointFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 7005, Level = LogLevel.Warning, Message = "Trimming the stream log failed; the next pass tries again.")]
    public static partial void TrimFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 7006, Level = LogLevel.Information, Message = "The store '{Path}' was brought from schema {From} to {To}.")]
    public static partial void Upgraded(ILogger logger, string path, long from, long to);

    [LoggerMessage(EventId = 7007, Level = LogLevel.Warning, Message = "Records of entity logs could not be moved into pages; the next commit tries again.")]
    public static partial void MoveFailed(ILogger logger, Exception exception);
}
