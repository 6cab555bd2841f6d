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
        await LongPoll.FollowAsync(AskAsync, exception => LogRetry(logger, exception), stoppingToken);

        async Task<bool> AskAsync(CancellationToken stopping)
        {
            var before = _current.Revision;
            var isFirst = !_loaded.Task.IsCompleted;
            var snapshot = isFirst ? await catalog.GetAsync() : await catalog.WaitAsync(before, stopping);
            Take(snapshot);
            _loaded.TrySetResult();
            return isFirst || snapshot.Revision > before;
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
