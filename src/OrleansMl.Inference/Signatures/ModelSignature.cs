using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>What a model takes and gives, in the graph's order.</summary>
/// <param name="Inputs">Every input that a caller must send; initializers with a default are not among them.</param>
/// <param name="Outputs">Every output that is a tensor.</param>
/// <param name="OtherOutputs">Outputs that are no tensors (sequences, maps), each with what it is: they cannot be asked for.</param>
public sealed record ModelSignature(
    ImmutableArray<TensorSpec> Inputs,
    ImmutableArray<TensorSpec> Outputs,
    ImmutableSortedDictionary<string, string> OtherOutputs)
{
    /// <summary>The input with this name; null when there is none.</summary>
    public TensorSpec? FindInput(string name) => Find(Inputs, name);

    /// <summary>The output with this name; null when there is none.</summary>
    public TensorSpec? FindOutput(string name) => Find(Outputs, name);

    // Signatures are short: a scan beats a dictionary.
    private static TensorSpec? Find(ImmutableArray<TensorSpec> specs, string name)
    {
        foreach (var spec in specs)
        {
            if (spec.Name == name)
                return spec;
        }

        return null;
    }
}
