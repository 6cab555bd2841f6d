using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>Name, element type and shape of an input or output.</summary>
/// <param name="Name">As the graph names it.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">−1 is a free dimension; empty for a scalar, and where the graph states no shape.</param>
/// <param name="HasShape">False: the graph states no shape, so any rank is taken.</param>
public sealed record TensorSpec(string Name, TensorType Type, ImmutableArray<long> Shape, bool HasShape = true)
{
    /// <summary>The shape as errors print it: <c>[-1,3]</c>, or <c>any shape</c>.</summary>
    public string ShapeText => HasShape ? $"[{string.Join(',', Shape)}]" : "any shape";
}
