namespace OrleansMl;

/// <summary>One fault within an input: where it is, and what is wrong.</summary>
/// <param name="Code">Machine-readable code.</param>
/// <param name="Detail">For people.</param>
[GenerateSerializer, Immutable, Alias("oml.Fault")]
public sealed record OmlFault([property: Id(0)] string Code, [property: Id(1)] string Detail)
{
    /// <summary>Index of the item in a batch, from 0.</summary>
    [Id(2)] public int? Index { get; init; }

    /// <summary>RFC 6901 JSON pointer into the body or the item.</summary>
    [Id(3)] public string? Pointer { get; init; }

    /// <summary>Line in a text, from 1.</summary>
    [Id(4)] public int? Line { get; init; }

    /// <summary>Column in a text, from 1.</summary>
    [Id(5)] public int? Column { get; init; }
}
