using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Inference;
using OrleansMl.Protocol;

namespace OrleansMl.Serving;

/// <summary>How a version gathers requests, by the configuration that it is served with.</summary>
internal static class BatchingSettings
{
    /// <summary>
    /// Parameter of a configuration: milliseconds within which requests are to be answered. What would be later, by the times of runs
    /// that the batcher has learned, is rejected at once.
    /// </summary>
    public const string LatencyTargetParameter = "latency_target_milliseconds";

    /// <summary>
    /// Without a configuration an idle session takes what waits, up to 64 rows. With one it is as with Triton: nothing is
    /// gathered unless <c>dynamic_batching</c> or <c>sequence_batching.oldest</c> says so. Either way requests wait in a bounded queue.
    /// </summary>
    /// <param name="config">That it is served with.</param>
    /// <param name="runs">Runs that go on at once, in all sessions.</param>
    public static BatchingOptions Of(ServedConfig config, int runs = 1)
    {
        var message = config.Message;
        var options = new BatchingOptions { Adaptive = LatencyTarget(message) is { } target ? new AdaptiveBatching { LatencyTarget = target } : null, MaxBatchRows = 1, RunsLargerAlone = true, Instances = Math.Max(1, runs) };
        if (!config.IsBatched)
            return options;
        if (!config.IsStated)
            return options with { MaxBatchRows = message.MaxBatchSize };
        if (message.SequenceBatching?.Oldest is { } oldest)
        {
            // Requests of one sequence never meet in a batch: each waits for the one before it.
            return options with
            {
                MaxBatchRows = message.MaxBatchSize,
                PreferredRows = [.. oldest.PreferredBatchSize],
                QueueDelay = Microseconds(oldest.MaxQueueDelayMicroseconds) ?? TimeSpan.Zero,
            };
        }

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

    /// <summary>The parameter's text as milliseconds; null: it is not there, or no number from 0 to an hour.</summary>
    internal static TimeSpan? LatencyTarget(ModelConfig config) =>
        config.Parameters.TryGetValue(LatencyTargetParameter, out var parameter)
        && double.TryParse(parameter.StringValue, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is > 0 and <= 3_600_000
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;

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
