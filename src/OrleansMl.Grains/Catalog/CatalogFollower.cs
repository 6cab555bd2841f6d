using Microsoft.Extensions.Hosting;

namespace OrleansMl.Catalog;

/// <summary>A part of a silo that does something for what the catalog names: once it is known, and at every change.</summary>
public abstract class CatalogFollower(CatalogCache catalog) : BackgroundService
{
    /// <summary>Ends what was begun for the catalog.</summary>
    protected CancellationToken Stopping { get; private set; }

    /// <summary>The catalog as it is now; may be called again with the same, and from any thread.</summary>
    protected abstract void Follow(CompiledCatalog compiled);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Stopping = stoppingToken;
        await Task.Yield();
        try
        {
            catalog.Changed += Follow;
            await catalog.Loaded.WaitAsync(stoppingToken);
            Follow(catalog.Current);
            await Task.Delay(Timeout.Infinite, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            catalog.Changed -= Follow;
        }
    }
}
