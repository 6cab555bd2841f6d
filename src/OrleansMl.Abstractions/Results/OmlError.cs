using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// An expected failure. Grains answer with it instead of throwing: an exception type of ours can reach another silo as
/// a fall-back exception, and would end as a 500.
/// </summary>
/// <param name="Code">Machine-readable: <c>unknown_model</c>, <c>conflict</c>, <c>invalid</c> …</param>
/// <param name="Status">The HTTP status that says the same.</param>
/// <param name="Detail">Names the thing, the value, the limit and the remedy.</param>
[GenerateSerializer, Immutable, Alias("oml.Error")]
public sealed record OmlError([property: Id(0)] string Code, [property: Id(1)] int Status, [property: Id(2)] string Detail)
{
    /// <summary>What stands there now, on a failed compare-and-swap.</summary>
    [Id(3)] public string? Current { get; init; }

    /// <summary>The single faults, for input that has several.</summary>
    [Id(4)] public ImmutableArray<OmlFault> Faults { get; init; } = [];

    public static OmlError Invalid(string detail, string code = "invalid") => new(code, 400, detail);

    public static OmlError NotFound(string code, string detail) => new(code, 404, detail);

    public static OmlError Conflict(string detail, string? current = null, string code = "conflict") => new(code, 409, detail) { Current = current };

    public static OmlError Unavailable(string code, string detail) => new(code, 503, detail);
}

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
