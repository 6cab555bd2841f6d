namespace OrleansMl.Declaration;

/// <summary>How values become one.</summary>
public enum Aggregation
{
    Count,
    Sum,
    Mean,
    Min,
    Max,
    Last,
    Distinct,
}
