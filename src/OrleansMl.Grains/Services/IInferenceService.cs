using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <summary>The data plane behind <c>/v2</c>: tensors in, tensors out, on the version that the plan names.</summary>
public interface IInferenceService
{
    /// <summary>Names of the models that have a plan.</summary>
    ImmutableArray<string> ListModels();

    /// <summary>What the plan says of a model; unknown_model when there is none. <paramref name="version"/>: digits, an alias, or null for the default.</summary>
    Task<OmlResult<ServedModel>> DescribeAsync(string model, string? version, CancellationToken cancellationToken);

    /// <summary>What was counted of a version since it was loaded in this process; null: it is not loaded here.</summary>
    Task<VersionStatistics?> ReadStatisticsAsync(string model, int version, CancellationToken cancellationToken);

    /// <summary>
    /// Runs a model. The memory of the inputs must stay as it is until the task has ended, whatever its end; then nothing reads it
    /// any more.
    /// </summary>
    Task<OmlResult<InferResult>> InferAsync(InferRequest request, CancellationToken cancellationToken);
}

/// <summary>Tensors for a model.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Digits, an alias, or null for the default.</param>
/// <param name="Inputs">One for each input of the signature.</param>
/// <param name="Outputs">Names wanted, in order; empty: all.</param>
public sealed record InferRequest(string Model, string? Version, IReadOnlyList<Tensor> Inputs, IReadOnlyList<string> Outputs)
{
    public InferParameters Parameters { get; init; } = InferParameters.None;

    /// <summary>How many ensembles it has come through; 0: it is a caller's own.</summary>
    internal int Depth { get; init; }
}

/// <summary>The answer, and which version gave it.</summary>
public sealed record InferResult(string Model, int Version, IReadOnlyList<Tensor> Outputs)
{
    /// <summary>The configuration that it ran with; null: none is known.</summary>
    public ServedConfig? Config { get; init; }
}

/// <summary>A model version as the protocol describes it.</summary>
/// <param name="Manifest">The version meant.</param>
/// <param name="Versions">All wanted versions, ascending.</param>
/// <param name="Ready">It is loaded here and answers.</param>
/// <param name="Reason">Why it is not ready; else null.</param>
public sealed record ServedModel(VersionManifest Manifest, ImmutableArray<int> Versions, bool Ready, string? Reason)
{
    private readonly ServedConfig? _config;

    /// <summary>The configuration that it is served with.</summary>
    public ServedConfig Config
    {
        get => _config ?? ServedConfig.Of(Manifest, null);
        init => _config = value;
    }

    /// <summary>The inputs that a caller sends: those of the manifest but for the ones that the server fills in.</summary>
    public ImmutableArray<TensorInfo> Inputs => Config.Message.SequenceBatching is null
        ? Manifest.Inputs
        : [.. Manifest.Inputs.Where(i => !SequenceState.HiddenInputs(Config.Message).Contains(i.Name))];

    /// <summary>The outputs that a caller gets: those of the manifest but for the ones that the server keeps.</summary>
    public ImmutableArray<TensorInfo> Outputs => Config.Message.SequenceBatching is null
        ? Manifest.Outputs
        : [.. Manifest.Outputs.Where(o => !SequenceState.HiddenOutputs(Config.Message).Contains(o.Name))];
}

/// <summary>What was counted of a version in this process.</summary>
/// <param name="Runs">Of its queue and its runs, since it was loaded; of an ensemble the whole. Answers out of the cache are not among them.</param>
/// <param name="Cache">Of look-ups among kept answers; 0 where they are not kept.</param>
public sealed record VersionStatistics(BatchingStatistics Runs, CacheStatistics Cache);
