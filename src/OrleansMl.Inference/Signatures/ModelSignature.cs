using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>What a model takes and gives, in the graph's order.</summary>
/// <param name="Inputs">Every input that a caller must send; initializers with a default are not among them.</param>
/// <param name="Outputs">Every output that is a tensor, and the tensors into which maps and sequences are taken apart (<see cref="Parts"/>).</param>
/// <param name="OtherOutputs">Outputs that no tensors of the protocol's types hold, each with what it is: they cannot be asked for.</param>
public sealed record ModelSignature(
    ImmutableArray<TensorSpec> Inputs,
    ImmutableArray<TensorSpec> Outputs,
    ImmutableSortedDictionary<string, string> OtherOutputs)
{
    /// <summary>
    /// Those of <see cref="Outputs"/> that are parts of a map or a sequence, by name. Of an output <c>p</c> that is a
    /// sequence of maps of class to score, one map a row, as <c>ZipMap</c> writes it (scikit-learn's classifiers):
    /// <c>p</c> FP32 [N,C], the scores, and <c>p.keys</c> INT64 or BYTES [N,C], the classes, the same in every row. Of an
    /// output <c>s</c> that is a sequence of L tensors: <c>s</c> [E], the elements of all of them one after the other, and
    /// <c>s.shapes</c> INT64 [L,R], their shapes, filled up with −1 where some have fewer than R dimensions.
    /// </summary>
    public ImmutableSortedDictionary<string, OutputPart> Parts { get; init; } = ImmutableSortedDictionary<string, OutputPart>.Empty;

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
