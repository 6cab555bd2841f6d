namespace OrleansMl;

/// <summary>What a job shall do; it never changes once the job is made.</summary>
[GenerateSerializer, Immutable, Alias("oml.JobSpec")]
public sealed record JobSpec
{
    /// <summary>batchPredict | evaluate | upload | dataset, and what other runners add.</summary>
    [Id(0)] public required string Kind { get; init; }

    /// <summary>Name of the model; null: the kind needs none.</summary>
    [Id(1)] public string? Model { get; init; }

    /// <summary>The version meant; where the caller named none or an alias, what that was when the job was made. Null: none serves yet.</summary>
    [Id(2)] public int? Version { get; init; }

    /// <summary>The alias that the caller named; null: none.</summary>
    [Id(3)] public string? Alias { get; init; }

    /// <summary>Id of the data set to read; null: none.</summary>
    [Id(4)] public string? Dataset { get; init; }

    /// <summary>Parameters of the kind, a JSON object; null: none given.</summary>
    [Id(5)] public string? Params { get; init; }

    /// <summary>The stretch of time to use, a JSON object; null: none given.</summary>
    [Id(6)] public string? Window { get; init; }

    /// <summary>How to train, a JSON value; null: none given.</summary>
    [Id(7)] public string? Trainer { get; init; }

    /// <summary>Seed of everything random in it; null: none given.</summary>
    [Id(8)] public long? Seed { get; init; }

    /// <summary>The job that it repeats; null: none.</summary>
    [Id(9)] public string? RepeatOf { get; init; }

    /// <summary>Who asked for it.</summary>
    [Id(10)] public string By { get; init; } = "";
}
