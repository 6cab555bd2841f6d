namespace OrleansMl.Learning;

/// <summary>What a learner can learn.</summary>
[Flags]
public enum LearnerTargets : byte
{
    None = 0,

    /// <summary>Two classes.</summary>
    Binary = 1,

    /// <summary>A value.</summary>
    Regression = 2,

    /// <summary>More than two classes.</summary>
    Multiclass = 4,
}
