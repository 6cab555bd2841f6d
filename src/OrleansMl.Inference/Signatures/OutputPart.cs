namespace OrleansMl.Inference;

/// <summary>Says that an output is a part of a map or sequence of the graph; see <see cref="ModelSignature.Parts"/>.</summary>
/// <param name="Source">Name of the graph's output.</param>
/// <param name="Kind">What of it.</param>
/// <param name="Labels">Of a map the keys in the order of the values, INT64 or BYTES [C]: a classifier's class labels. Null for a sequence.</param>
public sealed record OutputPart(string Source, OutputPartKind Kind, Tensor? Labels = null)
{
    /// <summary>What is added to a map's name for its keys.</summary>
    public const string KeysSuffix = ".keys";

    /// <summary>What is added to a sequence's name for its shapes.</summary>
    public const string ShapesSuffix = ".shapes";
}
