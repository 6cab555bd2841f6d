namespace OrleansMl.Learning;

/// <summary>Which statistic compares a chunk with the reference.</summary>
public enum DriftStatisticKind : byte
{
    /// <summary>Population stability index Σ(c − r) ln(c/r) over the reference's deciles, empty bins as 1e-4. Watch at 0.1, act at 0.25.</summary>
    Psi,

    /// <summary>χ² of the 2 × bins table of counts, with its p-value; bins that expect fewer than 5 are merged.</summary>
    ChiSquare,

    /// <summary>Jensen–Shannon distance with base 2, in [0, 1]; bins by Doane's rule on the reference, what lies outside in a bin of its own.</summary>
    JensenShannon,

    /// <summary>Hellinger distance over the same bins, in [0, 1].</summary>
    Hellinger,

    /// <summary>Wasserstein-1 distance ∫|F − G|, in the values' unit.</summary>
    Wasserstein,

    /// <summary>Kolmogorov–Smirnov distance sup|F − G| with its asymptotic p-value.</summary>
    KolmogorovSmirnov,
}
