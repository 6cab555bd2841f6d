using System.Collections.Immutable;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

public sealed partial class ReplicaHost
{
    private static ImmutableSortedDictionary<int, long> NoGpus => ImmutableSortedDictionary<int, long>.Empty;

    /// <summary>Makes room within the budgets and takes it; or says why there is none.</summary>
    private async Task<string?> WhyNoRoomAsync(Replica replica, ServedConfig config)
    {
        var (bytes, onGpus) = (_memory.Of(replica.Manifest), ForeseenOnGpus(replica.Manifest, config));
        if (options.MemoryBudgetBytes is not null || HasGpuLimit(onGpus))
        {
            await _admission.WaitAsync();
            try
            {
                if (await MakeRoomAsync(replica, bytes, options.MemoryBudgetBytes, r => r.Life.Bytes, MemoryBudget.Process) is { } noRoom)
                    return noRoom;
                if (await MakeRoomOnGpusAsync(replica, onGpus) is { } noRoomThere)
                    return noRoomThere;
                replica.Take(bytes, onGpus);
                return null;
            }
            finally
            {
                _admission.Release();
            }
        }

        replica.Take(bytes, onGpus);
        return null;
    }

    /// <summary>
    /// Makes room for the sessions that another configuration of a loaded version means, while those that it has are still open, and
    /// takes it; or says why there is none.
    /// </summary>
    private async Task<string?> WhyNoOtherRoomAsync(Replica replica, ImmutableSortedDictionary<int, long> onGpus)
    {
        if (!HasGpuLimit(onGpus))
            return null;
        await _admission.WaitAsync();
        try
        {
            var both = onGpus.ToImmutableSortedDictionary(g => g.Key, g => g.Value + replica.Life.GpuBytes.GetValueOrDefault(g.Key));
            if (await MakeRoomOnGpusAsync(replica, both) is { } noRoom)
                return noRoom;
            replica.Take(replica.Life.Bytes, replica.Life.GpuBytes.SetItems(both));
            return null;
        }
        finally
        {
            _admission.Release();
        }
    }

    private async Task<string?> MakeRoomOnGpusAsync(Replica replica, ImmutableSortedDictionary<int, long> onGpus)
    {
        foreach (var (gpu, bytes) in onGpus)
        {
            if (await MakeRoomAsync(replica, bytes, options.Devices.GpuMemoryLimitBytes, r => r.Life.GpuBytes.GetValueOrDefault(gpu), MemoryBudget.OfGpu(gpu)) is { } noRoom)
                return noRoom;
        }

        return null;
    }

    /// <summary>Evicts what has to go for a version; null, or why that is not enough.</summary>
    private async Task<string?> MakeRoomAsync(Replica replica, long bytes, long? budget, Func<Replica, long> bytesOf, MemoryBudget of)
    {
        var wanted = new VersionFacts(replica.Id, null, VersionDemand.Wanted, RankOf(replica.Id), bytes);
        while (true)
        {
            // Versions without bytes yet wait for admission behind this one, or take none of this memory.
            var others = _replicas.Values.Concat(_draining.Keys).Where(r => r != replica && bytesOf(r) > 0)
                .Select(r => new VersionFacts(r.Id, r.Life.State, VersionDemand.Kept, RankOf(r.Id), bytesOf(r), r.LastUsed));
            var room = MemoryRoom.For(wanted, others, budget, VersionRank.Pinned, of);
            if (room.Fits)
                return null;
            if (room.Victim is not { } victim)
                return room.Reason;

            // Whoever holds the victim may be waiting for this load: the budget is then exceeded rather than both stuck.
            try
            {
                await EvictAsync(victim, of).WaitAsync(options.MaxRetryDelay, time);
            }
            catch (TimeoutException)
            {
                LogSlowDrain(logger, victim.Model, victim.Version);
                return null;
            }
        }
    }

    private bool HasGpuLimit(ImmutableSortedDictionary<int, long> onGpus) => options.Devices.GpuMemoryLimitBytes is not null && !onGpus.IsEmpty;

    private ImmutableSortedDictionary<int, long> ForeseenOnGpus(VersionManifest manifest, ServedConfig config) =>
        manifest.Ensemble is null ? Gpus.Foreseen(manifest, DevicePlan.Of(config, options.Devices)) : NoGpus;

    private void CountGpus(ModelVersionId id, ImmutableSortedDictionary<int, long> before, ImmutableSortedDictionary<int, long> after)
    {
        if (instruments is null)
            return;
        foreach (var gpu in before.Keys.Union(after.Keys))
        {
            var tags = ServingInstruments.Tags(id);
            tags.Add("device", DeviceId.Cuda(gpu).ToString());
            instruments.GpuBytes.Add(after.GetValueOrDefault(gpu) - before.GetValueOrDefault(gpu), tags);
        }
    }
}
