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
    public static BatchKey Of(IReadOnlyList<Tensor> inputs)
    {
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

    public bool Equals(BatchKey? other) => ReferenceEquals(this, other)
        || (_dimensions is not null && other?._dimensions is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions));

    public override bool Equals(object? obj) => Equals(obj as BatchKey);

    public override int GetHashCode() => _hash;
}
