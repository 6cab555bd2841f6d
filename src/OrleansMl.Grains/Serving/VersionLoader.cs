using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Serving;

/// <summary>Makes a version of its manifest: reads and verifies the files, opens sessions, warms them.</summary>
public sealed class VersionLoader(IArtifactStore artifacts, BatchingInstruments? instruments = null)
{
    /// <exception cref="ModelLoadException">It cannot be served; the message says why.</exception>
    public async Task<LoadedVersion> LoadAsync(VersionManifest manifest, CancellationToken cancellationToken)
    {
        var artifactBytes = await ReadAsync(manifest.ArtifactSha256, cancellationToken);
        var coreBytes = manifest.CoreSha256 is { } core ? await ReadAsync(core, cancellationToken) : null;
        return Open(manifest, artifactBytes, coreBytes);
    }

    private LoadedVersion Open(VersionManifest manifest, byte[] artifactBytes, byte[]? coreBytes)
    {
        var artifact = OnnxModel.Load(artifactBytes);
        IVectorScorer? scorer = null;
        try
        {
            scorer = manifest.Pipeline is { } json
                ? new PipelineScorer(FittedPipeline.FromJson(json), CoreModel.Load(coreBytes ?? artifactBytes))
                : new ArtifactScorer(artifact);
            var postprocessor = manifest.Postprocess is { } steps ? Postprocessor.FromJson(steps) : new Postprocessor([]);

            // Made-up inputs need not be valid ones: a failure here says nothing against the version.
            WarmUp.Run(artifact, [1], TimeProvider.System);
            return new LoadedVersion(manifest, artifact, scorer, postprocessor, instruments);
        }
        catch
        {
            scorer?.Dispose();
            artifact.Dispose();
            throw;
        }
    }

    private async Task<byte[]> ReadAsync(string sha256, CancellationToken cancellationToken)
    {
        try
        {
            return await artifacts.GetAsync(sha256, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            throw new ModelLoadException("artifact_missing", $"Artifact {sha256[..12]}… cannot be read: {exception.Message}", exception);
        }
    }
}
