using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Jobs.Retention;

/// <summary>At the start and now and then: removes jobs whose time is over, and what attempts that were cut off left.</summary>
internal sealed partial class JobSweeper(JobRetention retention, LeftoverSweep leftovers, JobOptions options, ILogger<JobSweeper> logger) : BackgroundService
{
    /// <summary>In real time, as other sweeps.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    /// <summary>One pass. Two at once do no harm.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken = default)
    {
        await retention.SweepAsync(cancellationToken);
        await leftovers.SweepAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Run)
            return;
        await Task.Yield();
        using var timer = new PeriodicTimer(Period);
        try
        {
            do
                await TryAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(logger, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Sweeping ended jobs and what they left failed; the next pass tries again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
