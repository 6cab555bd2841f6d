using System.Collections.Immutable;

namespace OrleansMl.Training;

/// <summary>A trainer that is a program of its own, in any language.</summary>
/// <param name="Command">The program and its arguments; no shell reads them. Its working folder is the one with the files.</param>
public sealed record CommandTrainerSettings(ImmutableArray<string> Command)
{
    /// <summary>Wall time, and what its processes may hold and write.</summary>
    public ProcessLimits Limits { get; init; } = new();

    /// <summary>What <c>params.json</c> holds: numbers, texts, true and false by name.</summary>
    public ImmutableSortedDictionary<string, object> Parameters { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    /// <summary>Largest model taken, in bytes.</summary>
    public long MaxModelBytes { get; init; } = 1L << 30;
}
