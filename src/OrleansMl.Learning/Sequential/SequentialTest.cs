namespace OrleansMl.Learning;

/// <summary>Which confidence sequence decides.</summary>
public enum SequentialTest : byte
{
    /// <summary><see cref="AsymptoticConfidenceSequence"/>: any differences; its level holds in the limit.</summary>
    Asymptotic = 0,

    /// <summary><see cref="EmpiricalBernsteinConfidenceSequence"/>: differences within bounds; its level holds from the first one.</summary>
    EmpiricalBernstein = 1,
}
