using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Serving;

/// <summary>
/// The versions loaded in this process, each once, whoever asks: by digest, so that a plan's reload is free. A version
/// lives as long as a view or a lease holds it.
/// </summary>
public sealed partial class ReplicaHost(VersionLoader loader, ILogger<ReplicaHost> logger)
{
    private readonly ConcurrentDictionary<ModelVersionId, Lazy<Task<Loading>>> _loaded = new();

    /// <summary>How many versions are in memory.</summary>
    public int Count => _loaded.Count;

    /// <summary>Loads and warms unless it is; null, or why it cannot be served.</summary>
    public async Task<string?> LoadAsync(VersionManifest manifest) => (await GetAsync(manifest)).Reason;

    /// <summary>The handle of a version, loading it when it is not here; or why it cannot be had.</summary>
    internal async Task<Loading> GetAsync(VersionManifest manifest)
    {
        var id = new ModelVersionId(manifest.Model, manifest.Version);
        var lazy = _loaded.GetOrAdd(id, _ => new Lazy<Task<Loading>>(() => Task.Run(() => LoadCoreAsync(manifest))));
        var isLoaded = false;
        try
        {
            var loading = await lazy.Value;
            isLoaded = loading.Handle is not null;
            return loading;
        }
        finally
        {
            // A failure is not kept: the next one tries again.
            if (!isLoaded)
                _loaded.TryRemove(new KeyValuePair<ModelVersionId, Lazy<Task<Loading>>>(id, lazy));
        }
    }

    /// <summary>The versions of a model that are here, or on their way.</summary>
    internal IEnumerable<int> VersionsOf(string model) => _loaded.Keys.Where(id => id.Model == model).Select(id => id.Version);

    /// <summary>Takes a version out: no new lease; the sessions close when the last one is back.</summary>
    internal async Task UnloadAsync(ModelVersionId id)
    {
        if (!_loaded.TryRemove(id, out var lazy) || (await lazy.Value).Handle is not { } handle)
            return;
        handle.Retire();
        await handle.DrainedAsync();
        LogUnloaded(logger, id.Model, id.Version);
    }

    /// <summary>Unloads everything, at the end.</summary>
    internal async Task UnloadAllAsync()
    {
        foreach (var id in _loaded.Keys)
            await UnloadAsync(id);
    }

    private async Task<Loading> LoadCoreAsync(VersionManifest manifest)
    {
        try
        {
            var version = await loader.LoadAsync(manifest, CancellationToken.None);
            LogLoaded(logger, manifest.Model, manifest.Version);
            return new Loading(new ModelHandle<LoadedVersion>(version), null);
        }
        catch (Exception exception) when (exception is ModelLoadException or PipelineException or FormatException)
        {
            LogFailed(logger, manifest.Model, manifest.Version, exception.Message);
            return new Loading(null, exception.Message);
        }
    }

    /// <summary>A loaded version, or the reason why there is none.</summary>
    internal sealed record Loading(ModelHandle<LoadedVersion>? Handle, string? Reason);

    [LoggerMessage(LogLevel.Information, "Loaded {Model} version {Version}.")]
    private static partial void LogLoaded(ILogger logger, string model, int version);

    [LoggerMessage(LogLevel.Information, "Unloaded {Model} version {Version}.")]
    private static partial void LogUnloaded(ILogger logger, string model, int version);

    [LoggerMessage(LogLevel.Error, "Loading {Model} version {Version} failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string model, int version, string reason);
}
