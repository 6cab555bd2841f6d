using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Storage;

namespace OrleansMl.Trainers;

/// <summary>
/// Sees to examples that no stream brings again: what was acknowledged and not stored before a crash, what could not be
/// learned when it came, and what is kept for a learner that is gone. It wakes the trainers of streams with such examples.
/// </summary>
public sealed partial class ExampleSweeper(IGrainFactory grains, IStreamLog streams, ILogger<ExampleSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>One pass over the streams that are kept for trainers.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken = default)
    {
        var held = await streams.ListHeldAsync(OmlStreams.Examples, cancellationToken);
        await Task.WhenAll(held.Select(stream => WakeAsync(stream.Key)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Period);
        try
        {
            do
                await TrySweepAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task TrySweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogSweepFailed(logger, exception);
        }
    }

    /// <summary>One trainer that fails does not keep the others waiting.</summary>
    private async Task WakeAsync(string model)
    {
        try
        {
            await grains.GetGrain<ITrainerGrain>(model).CatchUpAsync();
        }
        catch (Exception exception)
        {
            LogNotWoken(logger, model, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The streams of examples cannot be listed; the next pass tries again.")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The trainer of {Model} could not catch up; the next pass tries again.")]
    private static partial void LogNotWoken(ILogger logger, string model, Exception exception);
}
