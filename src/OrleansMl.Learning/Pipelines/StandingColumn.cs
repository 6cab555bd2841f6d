namespace OrleansMl.Learning;

/// <summary>Kind of a column between two stages.</summary>
public enum StandingKind : byte
{
    Numeric,

    /// <summary>0 or 1, made by one_hot; not selected by <c>numeric</c>.</summary>
    Indicator,

    Categorical,
}

/// <summary>A column as it stands between two stages.</summary>
public sealed record StandingColumn(string Name, StandingKind Kind)
{
    /// <summary>True for columns that hold a number.</summary>
    public bool IsNumber => Kind != StandingKind.Categorical;
}
