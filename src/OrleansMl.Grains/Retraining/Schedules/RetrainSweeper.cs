using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;

namespace OrleansMl.Retraining.Schedules;

/// <summary>Has the triggers of each model that declares some looked at. What has come meanwhile is found by the next pass.</summary>
public sealed partial class RetrainSweeper(IGrainFactory grains, CatalogCache catalog, ILogger<RetrainSweeper> logger) : ModelSweeper(catalog)
{
    /// <inheritdoc/>
    protected override bool Declares(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Definition.Retrain is { On.IsEmpty: false };
    }

    /// <inheritdoc/>
    protected override Task LookAsync(string model) => grains.GetGrain<IRetrainScheduleGrain>(model).CheckAsync();

    /// <inheritdoc/>
    protected override void LogFailed(string model, Exception exception) => LogNotChecked(logger, model, exception);

    [LoggerMessage(LogLevel.Warning, "The triggers of {Model} could not be looked at; the next pass tries again.")]
    private static partial void LogNotChecked(ILogger logger, string model, Exception exception);
}
