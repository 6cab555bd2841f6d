using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>Which failed loads are tried again, and when.</summary>
internal static class LoadRetry
{
    /// <summary>The failure may pass by itself. A file that is no model stays none.</summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        OutOfMemoryException => true,
        FileNotFoundException or DirectoryNotFoundException => false,
        IOException or TimeoutException => true,
        // The runtime reports memory that it did not get as any other refusal.
        ModelLoadException { Code: InspectCodes.LoadFailed } refused => refused.Message.Contains("bad_alloc", StringComparison.Ordinal) || refused.Message.Contains("Failed to allocate memory", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Wait after an attempt.</summary>
    /// <param name="attempt">Attempts so far, from 1.</param>
    public static TimeSpan DelayAfter(int attempt, ServingOptions options) =>
        new DoublingPause(options.RetryDelay, options.MaxRetryDelay).After(attempt);
}
