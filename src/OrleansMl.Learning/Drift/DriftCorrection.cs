namespace OrleansMl.Learning;

/// <summary>What is done about many tests at once: see <see cref="MultipleTesting"/>.</summary>
public enum DriftCorrection : byte
{
    /// <summary>Each test at its own level.</summary>
    None,

    /// <summary>The probability of any false alarm stays below the level.</summary>
    Bonferroni,

    /// <summary>The same, and never weaker than Bonferroni.</summary>
    Holm,

    /// <summary>The share of false alarms among the alarms stays below the level.</summary>
    BenjaminiHochberg,
}
