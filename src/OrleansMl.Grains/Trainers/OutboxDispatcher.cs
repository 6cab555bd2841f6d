using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Trainers;

/// <summary>
/// Carries labelled examples from the outbox to the trainers: in order for each model, at least once, several models
/// side by side. What a trainer has stored is removed; after a restart the rest is delivered again.
/// </summary>
public sealed partial class OutboxDispatcher(IGrainFactory grains, IOutbox outbox, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private const int BatchSize = 256;

    /// <summary>How often topics are looked at without a signal: only for what a crash left.</summary>
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);

    /// <summary>Delivers whatever a topic holds; answers when it is empty.</summary>
    public async Task DrainAsync(string topic, CancellationToken cancellationToken = default)
    {
        if (ExampleCodec.ModelOf(topic) is not { } model)
            return;
        var state = _topics.GetOrAdd(topic, static _ => new Topic());
        await state.Gate.WaitAsync(cancellationToken);
        try
        {
            var trainer = grains.GetGrain<ITrainerGrain>(model);
            for (var first = true; !cancellationToken.IsCancellationRequested; first = false)
            {
                var items = await outbox.ReadAsync(topic, state.Delivered, BatchSize, cancellationToken);

                // Nothing new: yet a trainer that has started anew says so, and one that has stored says how far.
                if (items.Count == 0 && !first)
                    return;
                var examples = items.Select(i => ExampleCodec.Decode(i.Offset, i.Payload)).ToImmutableArray();
                var receipt = await trainer.LearnAsync(state.Delivered, examples);
                var stalled = receipt.Applied == state.Delivered;
                state.Delivered = receipt.Applied;
                if (receipt.Durable > state.Trimmed)
                {
                    await outbox.TrimAsync(topic, receipt.Durable, cancellationToken);
                    state.Trimmed = receipt.Durable;
                }

                // A paused trainer takes nothing: the examples wait here.
                if (stalled)
                    return;
            }
        }
        finally
        {
            state.Gate.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        outbox.Appended += OnAppended;
        try
        {
            using var timer = new PeriodicTimer(Sweep);
            do
                await SweepAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            outbox.Appended -= OnAppended;
        }

        void OnAppended(string topic) => Pump(topic, stoppingToken);
    }

    /// <summary>One look at all topics; a store that cannot be read now may be read at the next.</summary>
    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var topic in await outbox.ListTopicsAsync(stoppingToken))
                Pump(topic, stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogSweepFailed(logger, exception);
        }
    }

    /// <summary>Starts delivery of a topic unless it runs; a signal during a run makes one more.</summary>
    private void Pump(string topic, CancellationToken stoppingToken)
    {
        if (ExampleCodec.ModelOf(topic) is null)
            return;
        var state = _topics.GetOrAdd(topic, static _ => new Topic());
        if (Interlocked.Increment(ref state.Signals) == 1)
            _ = Task.Run(() => PumpAsync(topic, state, stoppingToken), CancellationToken.None);
    }

    private async Task PumpAsync(string topic, Topic state, CancellationToken stoppingToken)
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref state.Signals);
            try
            {
                await DrainAsync(topic, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!stoppingToken.IsCancellationRequested)
                    LogFailed(logger, topic, exception);
            }
        }
        while (Interlocked.Add(ref state.Signals, -seen) > 0 && !stoppingToken.IsCancellationRequested);
    }

    private sealed class Topic
    {
        /// <summary>Signals not yet answered by a run.</summary>
        public int Signals;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public long Delivered { get; set; }

        public long Trimmed { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "The outbox cannot be listed; the next pass tries again.")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Delivering {Topic} failed; the next pass tries again.")]
    private static partial void LogFailed(ILogger logger, string topic, Exception exception);
}
