using Microsoft.Extensions.Hosting;

namespace OrleansMl.Catalog;

/// <summary>Looks after each model that declares something, again and again. What has come meanwhile is found by the next pass.</summary>
public abstract class ModelSweeper(CatalogCache catalog) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private HashSet<string> _looked = new(StringComparer.Ordinal);

    /// <summary>One pass over the models.</summary>
    public async Task SweepAsync()
    {
        var declared = catalog.Current.Models.Values.Where(Declares).Select(model => model.Name).ToHashSet(StringComparer.Ordinal);

        // Once more those that no longer declare it: what they have of it ends.
        string[] models = [.. declared.Union(_looked)];
        _looked = declared;
        await Task.WhenAll(models.Select(TryAsync));
    }

    /// <summary>The model is to be looked after.</summary>
    protected abstract bool Declares(CompiledModel model);

    /// <summary>Looks after one model.</summary>
    protected abstract Task LookAsync(string model);

    /// <summary>One model could not be looked after.</summary>
    protected abstract void LogFailed(string model, Exception exception);

    /// <inheritdoc/>
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

    /// <summary>One that fails does not keep the others waiting.</summary>
    private async Task TryAsync(string model)
    {
        try
        {
            await LookAsync(model);
        }
        catch (Exception exception)
        {
            LogFailed(model, exception);
        }
    }
}
