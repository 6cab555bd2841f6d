namespace OrleansMl;

/// <summary>What a <see cref="Scalar"/> holds.</summary>
public enum ScalarKind : byte
{
    /// <summary>No value.</summary>
    Missing = 0,

    /// <summary>A finite IEEE 754 double; integers are exact up to 2^53.</summary>
    Number = 1,

    /// <summary>Text.</summary>
    Text = 2,

    /// <summary>A truth value.</summary>
    Bool = 3,
}
