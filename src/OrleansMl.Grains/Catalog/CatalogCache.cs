using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Catalog;

/// <summary>This silo's compiled copy of the catalog; follows the catalog grain.</summary>
public sealed partial class CatalogCache(IGrainFactory grains, ILogger<CatalogCache> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CompiledCatalog _current = CompiledCatalog.Empty;

    /// <summary>The copy as it stands.</summary>
    public CompiledCatalog Current => _current;

    /// <summary>Completes once the first copy is here.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Raised after a change, on the thread that made it.</summary>
    public event Action<CompiledCatalog>? Changed;

    /// <summary>Answers when the copy has at least this revision.</summary>
    public async Task<CompiledCatalog> CatchUpAsync(long revision)
    {
        if (_current.Revision < revision)
            Take(await grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).GetAsync());
        return _current;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the host's start: the silo answers only once it has started.
        await Task.Yield();
        var catalog = grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key);
        var first = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var before = _current.Revision;
                var snapshot = first ? await catalog.GetAsync() : await catalog.WaitAsync(before, stoppingToken);
                Take(snapshot);
                _loaded.TrySetResult();

                // A silo that stops answers at once with what stands: not to be asked again in a rush.
                if (!first && snapshot.Revision <= before)
                    await Task.Delay(TimeSpan.FromMilliseconds(50), stoppingToken);
                first = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogRetry(logger, exception);
                await Task.Delay(TimeSpan.FromMilliseconds(200), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(CatalogSnapshot snapshot)
    {
        lock (_gate)
        {
            if (snapshot.Revision <= _current.Revision)
                return;
            _current = CompiledCatalog.Compile(snapshot, _current);
        }

        Changed?.Invoke(_current);
    }

    [LoggerMessage(LogLevel.Warning, "Following the catalog failed; trying again.")]
    private static partial void LogRetry(ILogger logger, Exception exception);
}
