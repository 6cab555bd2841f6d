using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Inference;
using OrleansMl.Rollouts;

namespace OrleansMl.Serving;

/// <summary>
/// Runs copies of calls on the versions that shadow a model, behind the answers: a caller never waits for a shadow, and never
/// sees what it says or how it fails. Few run at once; where they cannot keep up, copies are dropped and counted.
/// </summary>
internal sealed partial class ShadowRunner(PlanCache plans, ShadowInstruments instruments, ServedAnswers answers, ILogger<ShadowRunner> logger) : BackgroundService
{
    /// <summary>Copies that wait at most.</summary>
    private const int Waiting = 1_024;

    private readonly Channel<Copy> _copies = Channel.CreateBounded<Copy>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Versions that shadow a model now.</summary>
    public IReadOnlyList<int> ShadowsOf(string model) => plans.TryGet(model, out var view) && view.Plan.Traffic is { Shadow.IsEmpty: false } traffic ? traffic.Shadow : [];

    /// <summary>Has a shadow answer what another version has answered. What <paramref name="compare"/> holds on to must be its own.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="version">The shadow.</param>
    /// <param name="compare">Runs the version and compares its answer with the one returned.</param>
    public void Post(string model, int version, Func<LoadedVersion, ValueTask<ShadowComparison>> compare)
    {
        if (!_copies.Writer.TryWrite(new Copy(model, version, compare)))
            Count(model, version, "dropped");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 4)).Select(_ => RunAsync(stoppingToken)));

    private async Task RunAsync(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            await foreach (var copy in _copies.Reader.ReadAllAsync(stopping))
                await RunAsync(copy);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task RunAsync(Copy copy)
    {
        // It may have been taken out of the shadow, or out of memory, while the copy waited.
        if (!plans.TryGet(copy.Model, out var view) || !view.TryAcquire(copy.Version, out var lease, out _))
        {
            Count(copy.Model, copy.Version, "dropped");
            return;
        }

        using (lease)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                var comparison = await copy.Compare(lease.Version);
                var tags = Tags(copy.Model, copy.Version);
                var time = Stopwatch.GetElapsedTime(started);
                instruments.Duration.Record(time.TotalSeconds, tags);
                answers.Answered(view.Plan, copy.Version, time);
                foreach (var difference in comparison.Differences)
                    instruments.Difference.Record(difference, tags);
                Count(copy.Model, copy.Version, comparison.IsEqual ? "equal" : "differs");
            }
            catch (Exception exception)
            {
                Count(copy.Model, copy.Version, "failed");
                answers.Failed(view.Plan, copy.Version);
                if (exception is not (ScoringException or InferenceInputException or InferenceRunException))
                    LogFailed(logger, copy.Model, copy.Version, exception);
            }
        }
    }

    private void Count(string model, int version, string result)
    {
        var tags = Tags(model, version);
        tags.Add("result", result);
        instruments.Answers.Add(1, tags);
    }

    private static TagList Tags(string model, int version) => new() { { "model", model }, { "version", version.ToString(CultureInfo.InvariantCulture) } };

    private sealed record Copy(string Model, int Version, Func<LoadedVersion, ValueTask<ShadowComparison>> Compare);

    [LoggerMessage(LogLevel.Error, "The shadow {Model} version {Version} failed.")]
    private static partial void LogFailed(ILogger logger, string model, int version, Exception exception);
}
