namespace OrleansMl.Inference;

/// <summary>
/// Requests of equal keys may share a batch: their inputs have equal dimensions after the first. Names and types are the
/// signature's, so equal for all.
/// </summary>
internal sealed class BatchKey : IEquatable<BatchKey>
{
    // Null: equal to nothing but itself.
    private readonly long[]? _dimensions;
    private readonly int _hash;

    private BatchKey(long[]? dimensions)
    {
        _dimensions = dimensions;
        var hash = default(HashCode);
        foreach (var dimension in dimensions ?? [])
            hash.Add(dimension);
        _hash = hash.ToHashCode();
    }

    /// <summary>The request shares with none.</summary>
    public bool IsAlone => _dimensions is null;

    /// <summary>A key of its own.</summary>
    public static BatchKey Alone() => new(null);

    /// <summary>The key of inputs in the signature's order, each of rank ≥ 1.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="known">A key that it may be, and mostly is: then this one is given.</param>
    public static BatchKey Of(IReadOnlyList<Tensor> inputs, BatchKey? known = null)
    {
        if (known?._dimensions is { } expected && Fits(inputs, expected))
            return known;
        var length = 0;
        for (var i = 0; i < inputs.Count; i++)
            length += inputs[i].Shape.Length;
        var dimensions = new long[length];
        var at = 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            // The rank stands in the first dimension's place: [N,2,3] of one input is not [N,2] of one and [N] of another.
            var shape = inputs[i].Shape.Span;
            dimensions[at] = shape.Length;
            shape[1..].CopyTo(dimensions.AsSpan(at + 1));
            at += shape.Length;
        }

        return new BatchKey(dimensions);
    }

    private static bool Fits(IReadOnlyList<Tensor> inputs, ReadOnlySpan<long> dimensions)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            var shape = inputs[i].Shape.Span;
            if (dimensions.Length < shape.Length || dimensions[0] != shape.Length || !dimensions[1..shape.Length].SequenceEqual(shape[1..]))
                return false;
            dimensions = dimensions[shape.Length..];
        }

        return dimensions.IsEmpty;
    }

    public bool Equals(BatchKey? other) => ReferenceEquals(this, other)
        || (_dimensions is not null && other?._dimensions is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions));

    public override bool Equals(object? obj) => Equals(obj as BatchKey);

    public override int GetHashCode() => _hash;
}
