using System.Collections.Immutable;
using OrleansMl.Inference;

namespace OrleansMl.Services;

/// <summary>The data plane behind <c>/v2</c>: tensors in, tensors out, on the version that the plan names.</summary>
public interface IInferenceService
{
    /// <summary>Names of the models that have a plan.</summary>
    ImmutableArray<string> ListModels();

    /// <summary>What the plan says of a model; unknown_model when there is none. <paramref name="version"/>: digits, an alias, or null for the default.</summary>
    Task<OmlResult<ServedModel>> DescribeAsync(string model, string? version, CancellationToken cancellationToken);

    /// <summary>Runs a model.</summary>
    Task<OmlResult<InferResult>> InferAsync(InferRequest request, CancellationToken cancellationToken);
}

/// <summary>Tensors for a model.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Digits, an alias, or null for the default.</param>
/// <param name="Inputs">One for each input of the signature.</param>
/// <param name="Outputs">Names wanted, in order; empty: all.</param>
public sealed record InferRequest(string Model, string? Version, IReadOnlyList<Tensor> Inputs, IReadOnlyList<string> Outputs);

/// <summary>The answer, and which version gave it.</summary>
public sealed record InferResult(string Model, int Version, IReadOnlyList<Tensor> Outputs);

/// <summary>A model version as the protocol describes it.</summary>
/// <param name="Manifest">The version meant.</param>
/// <param name="Versions">All wanted versions, ascending.</param>
/// <param name="Ready">It is loaded here and answers.</param>
/// <param name="Reason">Why it is not ready; else null.</param>
public sealed record ServedModel(VersionManifest Manifest, ImmutableArray<int> Versions, bool Ready, string? Reason);
