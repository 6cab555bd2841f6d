namespace OrleansMl.Learning;

/// <summary>Kind of a parameter.</summary>
public enum ParameterKind : byte
{
    /// <summary>A number in an interval.</summary>
    Number,

    /// <summary>A whole number in an interval.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>One of some words.</summary>
    Word,
}
