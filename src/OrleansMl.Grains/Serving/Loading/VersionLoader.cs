using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Serving;

/// <summary>Makes a version of its manifest: reads and verifies the files, and opens sessions.</summary>
public sealed class VersionLoader(IArtifactStore artifacts, BatchingInstruments? instruments = null, ServingOptions? serving = null)
{
    // Rows come one by one and from many threads: threads of the runtime beside them would only be handed over to.
    private static readonly OnnxModelOptions s_core = new() { IntraOpThreads = 1 };

    private readonly DeviceOptions _devices = (serving ?? new ServingOptions()).Devices;

    /// <summary>What was counted of the versions that it has loaded.</summary>
    internal VersionHistory History { get; } = new(instruments);

    /// <summary>Blocks until the version is open: to be called on a thread for loads.</summary>
    /// <param name="manifest">Of the version.</param>
    /// <param name="config">That it is served with: it decides on which devices. A core graph, which scores single rows, is on the CPU.</param>
    /// <exception cref="ModelLoadException">It cannot be served; the message says why.</exception>
    /// <exception cref="IOException">The files cannot be read now.</exception>
    public LoadedVersion Load(VersionManifest manifest, ServedConfig config)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.Ensemble is not null)
            return LoadEnsemble(manifest);
        var coreBytes = manifest.CoreSha256 is { } core ? Read(core) : null;
        var artifact = ArtifactSessions.Open(() => Read(manifest.ArtifactSha256), config, _devices);
        IVectorScorer? scorer = null;
        try
        {
            scorer = manifest.Pipeline is { } json
                ? new PipelineScorer(FittedPipeline.FromJson(json), CoreModel.Load(coreBytes ?? Read(manifest.ArtifactSha256), s_core))
                : new ArtifactScorer(artifact.Sessions);
            var (id, postprocessor) = (new ModelVersionId(manifest.Model, manifest.Version), Postprocessor.Of(manifest));
            return new LoadedVersion(manifest, artifact, scorer, postprocessor, History.Enter(manifest).Runs, () => History.Leave(id));
        }
        catch
        {
            scorer?.Dispose();
            artifact.Dispose();
            throw;
        }
    }

    private LoadedVersion LoadEnsemble(VersionManifest manifest)
    {
        if (!EnsembleConfig.TryPlan(manifest, out var plan, out var fault))
            throw new ModelLoadException("invalid_ensemble", $"The ensemble cannot be run: {fault}.");
        var id = new ModelVersionId(manifest.Model, manifest.Version);
        return new LoadedVersion(manifest, new LoadedEnsemble(manifest, plan, TimeProvider.System, History.Enter(manifest).Ensemble), () => History.Leave(id));
    }

    private byte[] Read(string sha256)
    {
        try
        {
            return artifacts.GetAsync(sha256).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            throw new ModelLoadException("artifact_missing", $"Artifact {sha256[..12]}… cannot be read: {exception.Message}", exception);
        }
    }
}
