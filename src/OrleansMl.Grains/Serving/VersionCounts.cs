using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>What is counted of one version in this process.</summary>
internal sealed class VersionCounts
{
    private readonly EnsembleRecorder? _ensemble;

    /// <param name="manifest">Of the version.</param>
    /// <param name="instruments">Where its batches count beside; null: nowhere.</param>
    public VersionCounts(VersionManifest manifest, BatchingInstruments? instruments)
    {
        Runs = new BatchRecorder(instruments, ServingInstruments.Tags(new ModelVersionId(manifest.Model, manifest.Version)), TimeProvider.System);
        _ensemble = manifest.Ensemble is null ? null : new EnsembleRecorder(TimeProvider.System);
    }

    /// <summary>Of its file.</summary>
    public BatchRecorder Runs { get; }

    /// <summary>Of its graph of models.</summary>
    public EnsembleRecorder Ensemble => _ensemble ?? throw new InvalidOperationException("The version is a file.");

    /// <summary>All that was counted, while nothing waits for the version.</summary>
    public BatchingStatistics Statistics => _ensemble?.Statistics ?? Runs.Snapshot();
}
