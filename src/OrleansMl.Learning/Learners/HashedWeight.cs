namespace OrleansMl.Learning;

/// <summary>A weight of the hashed table.</summary>
/// <param name="Index">In [0, 2^bits).</param>
/// <param name="Weight">Finite.</param>
public readonly record struct HashedWeight(int Index, double Weight);
