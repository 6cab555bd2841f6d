using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Serving;

namespace OrleansMl.Rollouts;

/// <summary>
/// Has rollouts looked after: those that the serving plans name, which outlive every silo. So a rollout goes on after a crash
/// without anybody asking for it.
/// </summary>
internal sealed partial class RolloutSweeper(IGrainFactory grains, PlanCache plans, ILogger<RolloutSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Task.WhenAll(plans.Models.Where(m => plans.TryGet(m, out var view) && view.Plan.Rollout is not null).Select(ReviewAsync));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>One rollout that fails does not keep the others waiting.</summary>
    private async Task ReviewAsync(string model)
    {
        try
        {
            await grains.GetGrain<IRolloutGrain>(model).ReviewAsync();
        }
        catch (Exception exception)
        {
            LogNotReviewed(logger, model, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The rollout of {Model} could not be looked after; the next pass tries again.")]
    private static partial void LogNotReviewed(ILogger logger, string model, Exception exception);
}
