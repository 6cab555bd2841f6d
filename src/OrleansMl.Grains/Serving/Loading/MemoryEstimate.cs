using System.Collections.Concurrent;

namespace OrleansMl.Serving;

/// <summary>
/// How much memory a version takes. Before its first load: its file twice, since the runtime keeps the weights once as they
/// are and, where it prepacks them for its kernels, once more. Afterwards: by how much the process's resident memory grew
/// while it was loaded and warmed, where no other load ran beside it. The runtime tells nothing of its own: its arena
/// statistics leave out the weights, which are most of a model.
/// </summary>
internal sealed class MemoryEstimate
{
    // Sessions, threads and tables of a graph without weights.
    private const long Floor = 256 << 10;

    private const int FirstFactor = 2;

    // What other threads allocate during a load is not the model's: growth counts up to this.
    private const int GrowthFactor = 4;
    private const long GrowthMargin = 1 << 20;

    private readonly ConcurrentDictionary<ModelVersionId, long> _measured = new();

    /// <summary>Bytes that the version takes, as far as is known.</summary>
    public long Of(VersionManifest manifest) =>
        _measured.TryGetValue(new ModelVersionId(manifest.Model, manifest.Version), out var known) ? known : Math.Max(Floor, FirstFactor * FileBytes(manifest));

    /// <summary>Notes what a load took.</summary>
    /// <param name="manifest">Of the version.</param>
    /// <param name="growth">Bytes by which the process's resident memory grew.</param>
    public void Learn(VersionManifest manifest, long growth)
    {
        var file = FileBytes(manifest);
        _measured[new ModelVersionId(manifest.Model, manifest.Version)] = Math.Clamp(growth, Math.Max(Floor, file), (GrowthFactor * file) + GrowthMargin);
    }

    /// <summary>Forgets a version that no plan names.</summary>
    public void Forget(ModelVersionId id) => _measured.TryRemove(id, out _);

    /// <summary>A core graph is a part of the artifact: together not more than twice.</summary>
    private static long FileBytes(VersionManifest manifest) => manifest.CoreSha256 is null ? manifest.ArtifactBytes : 2 * manifest.ArtifactBytes;
}
