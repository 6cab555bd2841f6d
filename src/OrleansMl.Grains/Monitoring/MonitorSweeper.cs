using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;

namespace OrleansMl.Monitoring;

/// <summary>Has the monitors of each model that declares some read what has come. What they have not read waits in the log.</summary>
public sealed partial class MonitorSweeper(IGrainFactory grains, CatalogCache catalog, ILogger<MonitorSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private HashSet<string> _watched = new(StringComparer.Ordinal);

    /// <summary>One pass over the models.</summary>
    public async Task SweepAsync()
    {
        var declared = catalog.Current.Models.Values.Where(model => !model.Definition.Monitors.IsEmpty).Select(model => model.Name).ToHashSet(StringComparer.Ordinal);

        // Once more those that no longer have any: their alarms end.
        string[] models = [.. declared.Union(_watched)];
        _watched = declared;
        await Task.WhenAll(models.Select(WakeAsync));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Period);
        try
        {
            await catalog.Loaded.WaitAsync(stoppingToken);
            do
                await SweepAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>One model that fails does not keep the others waiting.</summary>
    private async Task WakeAsync(string model)
    {
        try
        {
            await grains.GetGrain<IMonitorGrain>(model).CatchUpAsync();
        }
        catch (Exception exception)
        {
            LogNotWoken(logger, model, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The monitors of {Model} could not catch up; the next pass tries again.")]
    private static partial void LogNotWoken(ILogger logger, string model, Exception exception);
}
