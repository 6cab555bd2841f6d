namespace OrleansMl.Declaration;

/// <summary>What a view folds.</summary>
public enum ViewSourceKind
{
    Event,
    Outcome,
}
