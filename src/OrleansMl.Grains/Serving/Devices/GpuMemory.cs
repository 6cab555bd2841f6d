using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// How much of each GPU's memory versions take. Before a version's first load: its file twice for each session, since the runtime
/// keeps the weights and, where it lays them out for its kernels, a second copy, and what a session takes without any. Afterwards:
/// by how much the memory that the driver calls free fell while the version was loaded and warmed, where no other load ran
/// beside it. Other processes on the same GPU fall into that; what a session grows by later does not: its arena has a limit of
/// its own (<c>gpu_mem_limit</c>).
/// </summary>
internal sealed class GpuMemory
{
    // The first piece of an arena, and a workspace of cuBLAS.
    private const long Floor = 16 << 20;

    private const int FirstFactor = 2;

    private readonly ConcurrentDictionary<ModelVersionId, long> _measured = new();

    /// <summary>The device can be had: one that a session falls back from takes nothing.</summary>
    public Func<DeviceId, bool> IsThere { get; init; } = static device => GpuInventory.WhyNot(device) is null;

    /// <summary>Bytes that are free on a GPU; null: the driver does not say.</summary>
    public Func<int, long?> FreeBytes { get; init; } = GpuInventory.FreeBytes;

    /// <summary>Where a session is.</summary>
    public Func<SessionPlace, string> DeviceOf { get; init; } = static place => place.Device;

    /// <summary>Bytes on each GPU, by number, that a version takes when it is loaded; empty: it is meant for the CPU.</summary>
    public ImmutableSortedDictionary<int, long> Foreseen(VersionManifest manifest, DevicePlan plan) =>
        plan.Faults.IsEmpty ? Of(manifest, plan.Groups.Select(g => g.Options.Device), IsThere) : ImmutableSortedDictionary<int, long>.Empty;

    /// <summary>Bytes on each GPU that it takes where its sessions have come to run.</summary>
    public ImmutableSortedDictionary<int, long> Taken(VersionManifest manifest, ImmutableArray<SessionPlace> places) => Of(manifest, places.SelectMany(p => Enumerable.Repeat(DeviceOf(p), p.Runs)), static _ => true);

    /// <summary>Free bytes of GPUs, to be compared with those after a load.</summary>
    public ImmutableSortedDictionary<int, long?> Look(IEnumerable<int> gpus) => gpus.ToImmutableSortedDictionary(g => g, FreeBytes);

    /// <summary>Notes what a load took.</summary>
    /// <param name="manifest">Of the version.</param>
    /// <param name="places">Where its sessions run.</param>
    /// <param name="before">What was free before it.</param>
    public void Learn(VersionManifest manifest, ImmutableArray<SessionPlace> places, ImmutableSortedDictionary<int, long?> before)
    {
        foreach (var (gpu, free) in before)
        {
            // Each run on a GPU has a session of its own.
            var sessions = places.Where(p => GpuOf(DeviceOf(p)) == gpu).Sum(p => p.Runs);
            if (sessions > 0 && free is { } then && FreeBytes(gpu) is { } now)
                _measured[IdOf(manifest)] = Math.Max((then - now) / sessions, Math.Max(Floor, manifest.ArtifactBytes));
        }
    }

    /// <summary>Forgets a version that no plan names.</summary>
    public void Forget(ModelVersionId id) => _measured.TryRemove(id, out _);

    private ImmutableSortedDictionary<int, long> Of(VersionManifest manifest, IEnumerable<string> devices, Func<DeviceId, bool> counts)
    {
        var onGpus = devices.Select(d => DeviceId.TryParse(d, out var device) ? device : DeviceId.Cpu).Where(d => d.IsGpu).ToArray();
        if (onGpus.Length == 0)
            return ImmutableSortedDictionary<int, long>.Empty;
        var each = _measured.TryGetValue(IdOf(manifest), out var known) ? known : Math.Max(Floor, FirstFactor * manifest.ArtifactBytes);
        return onGpus.GroupBy(d => d).Where(g => counts(g.Key)).GroupBy(g => g.Key.Number, g => each * g.Count()).ToImmutableSortedDictionary(g => g.Key, g => g.Sum());
    }

    private static int GpuOf(string text) => DeviceId.TryParse(text, out var device) && device.IsGpu ? device.Number : -1;

    private static ModelVersionId IdOf(VersionManifest manifest) => new(manifest.Model, manifest.Version);
}
