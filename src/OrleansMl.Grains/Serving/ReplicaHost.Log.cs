using Microsoft.Extensions.Logging;

namespace OrleansMl.Serving;

public sealed partial class ReplicaHost
{
    [LoggerMessage(LogLevel.Information, "Loaded {Model} version {Version} in {Milliseconds:f0} ms; it takes about {Bytes} bytes.")]
    private static partial void LogLoaded(ILogger logger, string model, int version, double milliseconds, long bytes);

    [LoggerMessage(LogLevel.Information, "Warmed {Model} version {Version} for batches of {Sizes} rows in {Milliseconds:f0} ms.")]
    private static partial void LogWarmed(ILogger logger, string model, int version, string sizes, double milliseconds);

    [LoggerMessage(LogLevel.Information, "{Model} version {Version} refused made-up rows in batches of {Sizes}, which says nothing against it; its first requests may be slower: {Reason}")]
    private static partial void LogColdSizes(ILogger logger, string model, int version, string sizes, string reason);

    [LoggerMessage(LogLevel.Information, "Unloaded {Model} version {Version}.")]
    private static partial void LogUnloaded(ILogger logger, string model, int version);

    [LoggerMessage(LogLevel.Information, "Evicting {Model} version {Version} to stay within {Budget}.")]
    private static partial void LogEvicted(ILogger logger, string model, int version, string budget);

    [LoggerMessage(LogLevel.Warning, "{Model} version {Version} is evicted and still in use; its memory is exceeded meanwhile.")]
    private static partial void LogSlowDrain(ILogger logger, string model, int version);

    [LoggerMessage(LogLevel.Warning, "Loading {Model} version {Version} failed, attempt {Attempt} of {Attempts}; again in {Milliseconds:f0} ms: {Reason}")]
    private static partial void LogRetry(ILogger logger, string model, int version, int attempt, int attempts, double milliseconds, string reason);

    [LoggerMessage(LogLevel.Error, "Loading {Model} version {Version} failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string model, int version, string reason);
}
