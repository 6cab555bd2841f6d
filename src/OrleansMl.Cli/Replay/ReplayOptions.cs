namespace OrleansMl.Cli.Replay;

/// <summary>What a replay was asked for.</summary>
internal sealed record ReplayOptions
{
    /// <summary>Application file.</summary>
    public required string App { get; init; }

    /// <summary>CSV files, in sequence.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>Rows between a prediction and its truth, at least 1.</summary>
    public int Delay { get; init; } = 1;

    /// <summary>At most so many rows; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>Folder for the results.</summary>
    public required string Out { get; init; }

    /// <summary>A running server; null: start one and stop it.</summary>
    public Uri? Url { get; init; }
}
