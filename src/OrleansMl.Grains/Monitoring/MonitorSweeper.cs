using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;

namespace OrleansMl.Monitoring;

/// <summary>Has the monitors of each model that declares some read what has come. What they have not read waits in the log.</summary>
public sealed partial class MonitorSweeper(IGrainFactory grains, CatalogCache catalog, ILogger<MonitorSweeper> logger) : ModelSweeper(catalog)
{
    /// <inheritdoc/>
    protected override bool Declares(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return !model.Definition.Monitors.IsEmpty;
    }

    /// <inheritdoc/>
    protected override Task LookAsync(string model) => grains.GetGrain<IMonitorGrain>(model).CatchUpAsync();

    /// <inheritdoc/>
    protected override void LogFailed(string model, Exception exception) => LogNotWoken(logger, model, exception);

    [LoggerMessage(LogLevel.Warning, "The monitors of {Model} could not catch up; the next pass tries again.")]
    private static partial void LogNotWoken(ILogger logger, string model, Exception exception);
}
