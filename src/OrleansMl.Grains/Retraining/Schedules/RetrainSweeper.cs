using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;

namespace OrleansMl.Retraining.Schedules;

/// <summary>Has the triggers of each model that declares some looked at. What has come meanwhile is found by the next pass.</summary>
public sealed partial class RetrainSweeper(IGrainFactory grains, CatalogCache catalog, ILogger<RetrainSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private HashSet<string> _scheduled = new(StringComparer.Ordinal);

    /// <summary>One pass over the models.</summary>
    public async Task SweepAsync()
    {
        var declared = catalog.Current.Models.Values.Where(model => model.Definition.Retrain is { On.IsEmpty: false }).Select(model => model.Name).ToHashSet(StringComparer.Ordinal);

        // Once more those that no longer have any: their triggers are forgotten.
        string[] models = [.. declared.Union(_scheduled)];
        _scheduled = declared;
        await Task.WhenAll(models.Select(CheckAsync));
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
    private async Task CheckAsync(string model)
    {
        try
        {
            await grains.GetGrain<IRetrainScheduleGrain>(model).CheckAsync();
        }
        catch (Exception exception)
        {
            LogNotChecked(logger, model, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The triggers of {Model} could not be looked at; the next pass tries again.")]
    private static partial void LogNotChecked(ILogger logger, string model, Exception exception);
}
