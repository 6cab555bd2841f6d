using OrleansMl.Inference;
using OrleansMl.Services;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>An inference request, whichever way it came.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Digits, an alias, or null for the default.</param>
/// <param name="Id">The caller's id, to be echoed; null or empty: none.</param>
/// <param name="Parameters">What it says beside its tensors.</param>
/// <param name="Inputs">Their memory must stay as it is until the answer is there.</param>
/// <param name="Outputs">Outputs wanted, in order; empty: all.</param>
internal sealed record InferCall(string Model, string? Version, string? Id, InferParameters Parameters, IReadOnlyList<Tensor> Inputs, IReadOnlyList<RequestedOutput> Outputs);

/// <summary>An output asked for.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Classes">Wanted as this many classes, best first; 0: as it is.</param>
/// <param name="IsBinary">Wanted as bytes beside the JSON; null: as the request says for all. Over gRPC it means nothing.</param>
internal sealed record RequestedOutput(string Name, int Classes, bool? IsBinary);

/// <summary>An answer.</summary>
internal sealed record InferAnswer(string Model, int Version, string? Id, IReadOnlyList<Tensor> Outputs);

/// <summary>Which outputs go out as bytes beside the JSON.</summary>
/// <param name="Wanted">Outputs that the request names.</param>
/// <param name="Others">What holds for those of which it says nothing.</param>
internal readonly record struct BinaryOutputs(IReadOnlyList<RequestedOutput> Wanted, bool Others)
{
    /// <summary>Every output does.</summary>
    public static BinaryOutputs All => new([], true);

    public bool Has(Tensor output)
    {
        for (var i = 0; i < Wanted.Count; i++)
        {
            if (Wanted[i].Name == output.Name)
                return Wanted[i].IsBinary ?? Others;
        }

        return Others;
    }
}
