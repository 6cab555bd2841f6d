namespace OrleansMl.Storage.Tests.Support;

/// <summary>Steps on a stream log that tests repeat.</summary>
public static class StreamLogSteps
{
    /// <summary>All queues are read to their ends, the stream's consumer has stored through a sequence, and what may go is gone.</summary>
    public static async Task DrainAsync(this IStreamLog log, string @namespace, string key, long throughSequence)
    {
        for (var queue = 0; queue < log.Queues; queue++)
            await log.StorePositionAsync(queue, (await log.GetQueueAsync(queue)).End);
        await log.ReleaseAsync(@namespace, key, throughSequence);
        await log.TrimAsync();
    }
}
