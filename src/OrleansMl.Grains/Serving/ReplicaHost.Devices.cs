using OrleansMl.Inference;

namespace OrleansMl.Serving;

public sealed partial class ReplicaHost
{
    /// <summary>
    /// Opens and warms what another configuration of a loaded version means. Sessions that cannot be had must not cost the answers
    /// of those that are there.
    /// </summary>
    /// <returns>Why it goes on as it was; null: it does not.</returns>
    private async Task<string?> ReopenAsync(LoadedVersion version, ServedConfig config)
    {
        var id = new ModelVersionId(version.Manifest.Model, version.Manifest.Version);
        if (!_replicas.TryGetValue(id, out var replica))
            return null;
        await replica.Reopening.WaitAsync();
        try
        {
            return version.IsWarmFor(config) ? null : await ReopenAsync(replica, version, config);
        }
        finally
        {
            replica.Reopening.Release();
        }
    }

    private async Task<string?> ReopenAsync(Replica replica, LoadedVersion version, ServedConfig config)
    {
        var (before, taken) = (version.Places, replica.Life.GpuBytes);
        var stayed = version.NeedsOtherSessions(config) ? await WhyNoOtherRoomAsync(replica, ForeseenOnGpus(version.Manifest, config)) : null;
        stayed ??= await _pool.RunAsync(() => TryWarm(version, config));
        if (stayed is not null)
            _report.Stayed(replica.Id, before, stayed);
        replica.Explain(stayed ?? DeviceReport.FallbackOf(version.Places));
        replica.Take(replica.Life.Bytes, stayed is null ? Gpus.Taken(version.Manifest, version.Places) : taken);
        CountGpus(replica.Id, taken, replica.Life.GpuBytes);
        if (!before.SequenceEqual(version.Places))
        {
            replica.Place(version.Places);
            _report.Moved(replica.Id, before, version.Places);
        }

        return stayed;
    }

    private string? TryWarm(LoadedVersion version, ServedConfig config)
    {
        try
        {
            Warm(version, config);
            return null;
        }
        catch (ModelLoadException exception)
        {
            return exception.Message;
        }
    }

    private void Warm(LoadedVersion version, ServedConfig config)
    {
        var started = time.GetTimestamp();
        var steps = version.Warm(config, recorded?.Of(version.Manifest.Model));
        var failures = steps.Where(s => s.Failure is not null).Select(s => s.BatchSize).ToArray();
        LogWarmed(logger, version.Manifest.Model, version.Manifest.Version, string.Join(", ", steps.Select(s => s.BatchSize)), time.GetElapsedTime(started).TotalMilliseconds);
        if (failures.Length > 0)
            LogColdSizes(logger, version.Manifest.Model, version.Manifest.Version, string.Join(", ", failures), steps.First(s => s.Failure is not null).Failure!);
    }
}
