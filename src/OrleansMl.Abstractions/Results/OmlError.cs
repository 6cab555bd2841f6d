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
