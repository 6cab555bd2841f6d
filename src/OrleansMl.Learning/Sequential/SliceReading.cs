namespace OrleansMl.Learning;

/// <summary>The comparison within one slice.</summary>
/// <param name="Name">Name of the slice.</param>
/// <param name="Count">Rows.</param>
/// <param name="Mean">Mean difference; above 0 the candidate is better.</param>
/// <param name="Lower">Lower bound at the slice's share of the level.</param>
/// <param name="Upper">Upper bound.</param>
public readonly record struct SliceReading(string Name, long Count, double Mean, double Lower, double Upper)
{
    /// <summary>The candidate is worse here.</summary>
    public bool IsWorse => Upper < 0;

    /// <summary>The candidate is better here.</summary>
    public bool IsBetter => Lower > 0;
}
