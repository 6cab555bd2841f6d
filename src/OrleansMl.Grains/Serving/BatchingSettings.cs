using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Protocol;

namespace OrleansMl.Serving;

/// <summary>How a version gathers requests, by the configuration that it is served with.</summary>
internal static class BatchingSettings
{
    /// <summary>
    /// Without a configuration an idle session takes what waits, up to 64 rows. With one it is as with Triton: nothing is
    /// gathered unless <c>dynamic_batching</c> says so. Either way requests wait in a bounded queue.
    /// </summary>
    /// <param name="config">That it is served with.</param>
    /// <param name="runs">Runs that go on at once, in all sessions.</param>
    public static BatchingOptions Of(ServedConfig config, int runs = 1)
    {
        var message = config.Message;
        var options = new BatchingOptions { MaxBatchRows = 1, RunsLargerAlone = true, Instances = Math.Max(1, runs) };
        if (!config.IsBatched)
            return options;
        if (!config.IsStated)
            return options with { MaxBatchRows = message.MaxBatchSize };
        return message.DynamicBatching is not { } dynamic ? options : options with
        {
            MaxBatchRows = message.MaxBatchSize,
            PreferredRows = [.. dynamic.PreferredBatchSize],
            QueueDelay = Microseconds(dynamic.MaxQueueDelayMicroseconds) ?? TimeSpan.Zero,
            PriorityLevels = (int)Math.Clamp(dynamic.PriorityLevels, 1, int.MaxValue),
            DefaultPriority = (int)Math.Clamp(dynamic.DefaultPriorityLevel, 1, int.MaxValue),
            QueuePolicy = Policy(dynamic.DefaultQueuePolicy),
            LevelPolicies = dynamic.PriorityQueuePolicy.ToImmutableSortedDictionary(p => (int)Math.Min(p.Key, int.MaxValue), p => Policy(p.Value)),
        };
    }

    private static QueuePolicy Policy(ModelQueuePolicy? policy) => policy is null ? QueuePolicy.Default : new QueuePolicy
    {
        // There 0 means without a bound, which no queue here is.
        MaxQueued = policy.MaxQueueSize == 0 ? QueuePolicy.Default.MaxQueued : (int)Math.Min(policy.MaxQueueSize, int.MaxValue),
        DefaultTimeout = Microseconds(policy.DefaultTimeoutMicroseconds),
        TimeoutAction = policy.TimeoutAction == ModelQueuePolicy.Types.TimeoutAction.Delay ? TimeoutAction.Delay : TimeoutAction.Reject,
        AllowTimeoutOverride = policy.AllowTimeoutOverride,
    };

    private static TimeSpan? Microseconds(ulong value) => value == 0 ? null : TimeSpan.FromTicks((long)Math.Min(value, long.MaxValue / 10) * TimeSpan.TicksPerMicrosecond);
}
