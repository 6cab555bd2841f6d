using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>What a retraining fits on all rows at once.</summary>
public sealed record TrainerDefinition
{
    /// <summary>The type of a trainer that is a program of the user's own.</summary>
    public const string CommandType = "command";

    /// <summary>One of <see cref="Learning.TrainerFactory.Types"/>, or <see cref="CommandType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>Parameters by name; numbers as double, truth values as bool, words as string.</summary>
    public ImmutableSortedDictionary<string, object> Params { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    public int Seed { get; init; } = 1;

    /// <summary>Threads of the fit, ≥ 1. Another count may give another model.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Parameters that are searched for first; null: none.</summary>
    public TuneDefinition? Tune { get; init; }

    /// <summary>For <see cref="CommandType"/>: the program and its arguments; else empty.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>For <see cref="CommandType"/>: how long it may run; null: as long as the host lets it.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>For <see cref="CommandType"/>: what it may hold, in bytes; null: no limit of its own.</summary>
    public long? MemoryBytes { get; init; }
}
