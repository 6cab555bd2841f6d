namespace OrleansMl.Cli.Replay;

/// <summary>What is kept of a row: the answer as served, the truth, and what the baselines would have said.</summary>
internal sealed class ReplayRow
{
    /// <summary>Number of the row, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>Event time (UTC).</summary>
    public required DateTime Time { get; init; }

    public required string Entity { get; init; }

    /// <summary>The truth in the file, as <see cref="TargetValues"/> counts; NaN: none.</summary>
    public required double Truth { get; init; }

    /// <summary>Null when the request failed.</summary>
    public string? PredictionId { get; set; }

    /// <summary>Null when no version served: the prior answered.</summary>
    public int? ModelVersion { get; set; }

    public double? Score { get; set; }

    public string? Label { get; set; }

    /// <summary>The answer as served, as <see cref="TargetValues"/> counts.</summary>
    public double Live { get; set; } = double.NaN;

    /// <summary>The last truth of the entity known before the prediction.</summary>
    public double NoChange { get; set; } = double.NaN;

    /// <summary>Majority class, or mean, of the truths known before the prediction.</summary>
    public double Prior { get; set; } = double.NaN;

    /// <summary>What version 1 says of the same vector.</summary>
    public double Frozen { get; set; } = double.NaN;

    /// <summary>The vector as served; null for rows that no version served.</summary>
    public RawVector? Vector { get; set; }

    /// <summary>It counts: a version answered, and the truth is known.</summary>
    public bool IsScored => ModelVersion is not null && !double.IsNaN(Truth);
}
