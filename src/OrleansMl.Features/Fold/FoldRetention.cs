namespace OrleansMl.Features;

/// <summary>What a fold keeps of the records it has taken.</summary>
public enum FoldRetention : byte
{
    /// <summary>What windows and <see cref="FoldPlan.ReadBack"/> need: for folds that live.</summary>
    Windows = 0,

    /// <summary>Everything, so that every read is possible: for a fold made from the log to answer one question.</summary>
    Everything = 1,
}
