using System.Collections.Immutable;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Retraining;

/// <summary>
/// Which jobs and data sets the versions of all models come from: by their lineage, or by the tags that a fine-tuning gives. As it stood
/// when it was read.
/// </summary>
internal sealed class VersionSources
{
    private const string Job = "job";
    private const string Dataset = "dataset";
    private const string Rehearsal = "rehearsal";
    private const string Hash = ".hash";

    private readonly ILookup<string, ModelVersionInfo> _byJob;
    private readonly ILookup<string, ModelVersionInfo> _byDataset;
    private readonly ILookup<string, ModelVersionInfo> _byHash;

    /// <param name="models">All there are.</param>
    public VersionSources(ImmutableArray<ModelInfo> models)
    {
        ModelVersionInfo[] versions = [.. models.SelectMany(model => model.Versions)];
        _byJob = versions.Where(version => JobOf(version.Manifest) is not null).ToLookup(version => JobOf(version.Manifest)!, StringComparer.Ordinal);
        var read = versions.SelectMany(version => DatasetsOf(version.Manifest).Select(dataset => (Version: version, dataset.Id, dataset.Hash))).ToList();
        _byDataset = read.ToLookup(one => one.Id, one => one.Version, StringComparer.Ordinal);
        _byHash = read.ToLookup(one => one.Hash, one => one.Version, StringComparer.Ordinal);
    }

    /// <summary>Jobs that made a version which is there.</summary>
    public IEnumerable<string> Jobs => _byJob.Select(versions => versions.Key);

    public static async Task<VersionSources> ReadAsync(IControlService control, CancellationToken cancellationToken) => new(await control.ListModelsAsync(cancellationToken));

    /// <summary>A version that the job made; null: it made none, or that is gone.</summary>
    public ModelVersionInfo? MadeBy(string job) => _byJob[job].FirstOrDefault();

    /// <summary>A version that names the data set itself as what it was learned from; null: none does.</summary>
    public ModelVersionInfo? Naming(DatasetRecord dataset) => _byDataset[dataset.Id].FirstOrDefault();

    /// <summary>Versions that were learned from the data set, or from another of the same content.</summary>
    public IEnumerable<ModelVersionInfo> LearnedFrom(DatasetRecord dataset) => _byHash[dataset.Hash].Distinct();

    private static string? JobOf(VersionManifest manifest) => manifest.Lineage?.Job ?? manifest.Tags.GetValueOrDefault(Job);

    private static IEnumerable<(string Id, string Hash)> DatasetsOf(VersionManifest manifest)
    {
        if (manifest.Lineage is { } lineage)
        {
            yield return (lineage.Dataset, lineage.DatasetHash);
            yield break;
        }

        foreach (var role in (string[])[Dataset, Rehearsal])
        {
            if (manifest.Tags.TryGetValue(role, out var id) && manifest.Tags.TryGetValue(role + Hash, out var hash))
                yield return (id, hash);
        }
    }
}
