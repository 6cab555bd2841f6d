using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Storage;

namespace OrleansMl.Outcomes;

/// <summary>
/// Closes the windows that end by the wall clock. One pass over an index for all entities, because a reminder for each
/// entity would not scale.
/// </summary>
public sealed partial class WindowSweeper(
    IGrainFactory grains,
    IPredictionLog predictions,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<WindowSweeper> logger) : BackgroundService
{
    private const int Chunk = 500;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>One pass; answers with the number of windows closed.</summary>
    public async Task<int> SweepAsync()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var closed = 0;
        while (true)
        {
            var due = await predictions.ListDueAsync(null, now, Chunk);

            // The grains of different entities work side by side and share commits.
            var closedNow = (await Task.WhenAll(due.Select(p => p.EntityKey).Distinct(StringComparer.Ordinal).Select(key => CloseAsync(key, now)))).Sum();
            closed += closedNow;
            if (due.Count < Chunk || closedNow == 0)
                return closed;
        }
    }

    /// <summary>Closes the windows of one entity; one that fails does not keep the others waiting.</summary>
    private async Task<int> CloseAsync(string entityKey, DateTime now)
    {
        try
        {
            return await grains.GetGrain<IOutcomeJoinGrain>(entityKey).CloseDueAsync(now);
        }
        catch (Exception exception)
        {
            LogEntityFailed(logger, entityKey, exception);
            return 0;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Waiting is done in real time, deciding on the domain's clock: a frozen clock must not stop the service.
        using var timer = new PeriodicTimer(Period);
        while (await WaitAsync(timer, stoppingToken))
        {
            try
            {
                await SweepAsync();
            }
            catch (Exception exception)
            {
                if (!stoppingToken.IsCancellationRequested)
                    LogFailed(logger, exception);
            }
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Closing the due windows of {Entity} failed; the next pass tries again.")]
    private static partial void LogEntityFailed(ILogger logger, string entity, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Closing due windows failed; the next pass tries again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
