using System.Collections.Immutable;
using OrleansMl.Retraining;

namespace OrleansMl.Gateway.Tests;

/// <summary>Two versions of a model: one that was registered, one that a retraining made of a data set.</summary>
internal sealed class FakeLineages : ILineageService
{
    public static VersionLineage Lineage { get; } = new()
    {
        Job = "j1",
        Dataset = "d1",
        DatasetHash = new string('a', 64),
        Rows = 500,
        From = Samples.Time,
        Application = "power",
        Revision = 3,
        Features = 1,
        Trainer = "logistic_regression",
        Parameters = """{"epochs":2}""",
        Seed = 7,
        Threads = 1,
        Plan = new string('b', 64),
        Code = "0.1.0",
        ImportanceMeasure = "gain",
        Importances = [new VersionImportance("price", 0.75), new VersionImportance("day=3", 0.25)],
    };

    public Task<OmlResult<VersionOrigin>> GetAsync(string model, int version, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<VersionOrigin>>(version switch
        {
            1 => Of(model, 1, null, 2),
            2 => Of(model, 2, Lineage),
            _ => OmlError.NotFound("unknown_version", $"Model '{model}' has no version {version} (available: 1, 2)."),
        });

    public Task<OmlResult<ImmutableArray<VersionOrigin>>> ListOfDatasetAsync(string dataset, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<ImmutableArray<VersionOrigin>>>(dataset == "d1"
            ? ImmutableArray.Create(Of("electricity", 12, Lineage), Of("electricity", 2, Lineage), Of("demand", 9, Lineage))
            : OmlError.NotFound("unknown_dataset", $"There is no data set '{dataset}'."));

    private static VersionOrigin Of(string model, int version, VersionLineage? lineage, params ReadOnlySpan<int> children) => new(
        new ModelVersionInfo(new VersionManifest { Model = model, Version = version, Digest = new string('c', 64), ArtifactSha256 = new string('d', 64), Parent = lineage is null ? null : 1, Lineage = lineage }, VersionState.Available, null, Samples.Time),
        [.. children])
    { IsDatasetGone = lineage is null ? null : version == 9 };
}
