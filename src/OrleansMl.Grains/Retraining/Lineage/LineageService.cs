using System.Collections.Immutable;
using OrleansMl.Datasets;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Retraining;

/// <inheritdoc cref="ILineageService"/>
/// <remarks>The lineage lies with the version's manifest, which the grains of the models have in memory: there is no index that could say otherwise.</remarks>
internal sealed class LineageService(IControlService control, IDatasetStore datasets) : ILineageService
{
    public async Task<OmlResult<VersionOrigin>> GetAsync(string model, int version, CancellationToken cancellationToken)
    {
        // The version first: the model may have gone on since.
        if (!(await control.GetVersionAsync(model, version, cancellationToken)).TryGet(out var found, out var error))
            return error;
        return (await control.GetModelAsync(model, cancellationToken)).TryGet(out var info, out error) ? await OriginOfAsync(info, found, cancellationToken) : error;
    }

    public async Task<OmlResult<ImmutableArray<VersionOrigin>>> ListOfDatasetAsync(string dataset, CancellationToken cancellationToken)
    {
        if (await datasets.FindAsync(dataset, cancellationToken) is not { } record)
            return DatasetService.Unknown(dataset);
        var models = await control.ListModelsAsync(cancellationToken);
        var byName = models.ToDictionary(model => model.Name, StringComparer.Ordinal);
        var origins = ImmutableArray.CreateBuilder<VersionOrigin>();
        foreach (var version in new VersionSources(models).LearnedFrom(record))
            origins.Add(await OriginOfAsync(byName[version.Manifest.Model], version, cancellationToken));
        return origins.DrainToImmutable();
    }

    private async Task<VersionOrigin> OriginOfAsync(ModelInfo model, ModelVersionInfo version, CancellationToken cancellationToken) =>
        new(version, [.. model.Versions.Where(other => other.Manifest.Parent == version.Manifest.Version).Select(other => other.Manifest.Version).Order()])
        {
            IsDatasetGone = version.Manifest.Lineage is { } lineage ? await datasets.FindAsync(lineage.Dataset, cancellationToken) is null : null,
        };
}
