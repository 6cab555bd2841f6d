namespace OrleansMl.Declaration;

/// <summary>Type of a target.</summary>
public enum TargetType
{
    Binary,
    Regression,

    /// <summary>More than two classes.</summary>
    Multiclass,
}
