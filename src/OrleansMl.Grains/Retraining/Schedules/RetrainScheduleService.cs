using OrleansMl.Catalog;

namespace OrleansMl.Retraining.Schedules;

/// <inheritdoc cref="IRetrainScheduleService"/>
internal sealed class RetrainScheduleService(IGrainFactory grains, CatalogCache catalog) : IRetrainScheduleService
{
    public Task<OmlResult<RetrainingStatus>> GetAsync(string model, CancellationToken cancellationToken) =>
        AskAsync(model, grain => grain.GetAsync(), cancellationToken);

    public Task<OmlResult<RetrainingStatus>> PauseAsync(string model, string by, CancellationToken cancellationToken) =>
        AskAsync(model, grain => grain.PauseAsync(by), cancellationToken);

    public Task<OmlResult<RetrainingStatus>> ResumeAsync(string model, CancellationToken cancellationToken) =>
        AskAsync(model, grain => grain.ResumeAsync(), cancellationToken);

    /// <summary>Asking about every name that a caller makes up would activate a grain for each.</summary>
    private async Task<OmlResult<RetrainingStatus>> AskAsync(string model, Func<IRetrainScheduleGrain, Task<OmlResult<RetrainingStatus>>> ask, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        return catalog.Current.Models.ContainsKey(model)
            ? await ask(grains.GetGrain<IRetrainScheduleGrain>(model))
            : catalog.Current.UnknownModel(model);
    }
}
