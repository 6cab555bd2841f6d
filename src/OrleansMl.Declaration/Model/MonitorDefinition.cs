using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>What a monitor watches.</summary>
public enum MonitoredSeries
{
    /// <summary>Log loss of classes, squared error of a regression, of the answer as served.</summary>
    Loss,

    /// <summary>Binary: 1 where the score's side of 0.5 was wrong, else 0. Multiclass: 1 where the most probable class was wrong. Regression: the absolute error.</summary>
    Error,

    /// <summary>The model's own score, before post-processing; of several classes the probability of the most probable one.</summary>
    Score,

    /// <summary>The truth.</summary>
    Label,

    /// <summary>The columns of the vector as served; what is missing is left out.</summary>
    Features,

    /// <summary>1 where a column had no value of its own, else 0.</summary>
    MissingRate,

    /// <summary>Of a multiclass target: the most probable class, by name.</summary>
    Class,
}

/// <summary>One monitor of a model: either a detector of a stream, or a statistic that compares chunks with a reference.</summary>
public sealed record MonitorDefinition
{
    public required string Name { get; init; }

    public required MonitoredSeries On { get; init; }

    /// <summary>For <see cref="MonitoredSeries.Features"/> and <see cref="MonitoredSeries.MissingRate"/>: the columns, all of those that fit unless some are named.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>The detector; null with <see cref="Statistic"/>.</summary>
    public MonitorDetectorDefinition? Detector { get; init; }

    /// <summary>The statistic; null with <see cref="Detector"/>.</summary>
    public DriftStatisticKind? Statistic { get; init; }

    /// <summary>When the statistic is drift.</summary>
    public MonitorThreshold Threshold { get; init; } = new(null, null, null);

    /// <summary>What a statistic compares with the reference.</summary>
    public MonitorChunk Chunk { get; init; } = new(null, null);

    public MonitorReference Reference { get; init; } = new(null, null, null);

    /// <summary>What is done about many columns.</summary>
    public DriftCorrection Correction { get; init; }

    /// <summary>Chunks in a row past the threshold before the alarm, and within it before its end.</summary>
    public int Persistence { get; init; } = 1;

    /// <summary>Rows: after a detector's alarm without another before it ends; after the end of a statistic's before the next.</summary>
    public int Cooldown { get; init; }

    /// <summary>It is fed by labelled predictions; else by all.</summary>
    public bool NeedsLabels => On is MonitoredSeries.Loss or MonitoredSeries.Error or MonitoredSeries.Label;

    /// <summary>It watches columns, each by itself.</summary>
    public bool OfColumns => On is MonitoredSeries.Features or MonitoredSeries.MissingRate;
}

/// <summary>A detector of a stream.</summary>
/// <param name="Type">One of <see cref="DriftDetectors.Types"/>.</param>
/// <param name="Params">Numbers by name.</param>
public sealed record MonitorDetectorDefinition(string Type, ImmutableSortedDictionary<string, object> Params);

/// <summary>When a statistic is drift; exactly one member is set.</summary>
/// <param name="Constant">Above this value.</param>
/// <param name="Alpha">With a p-value below this level.</param>
/// <param name="Deviations">So many standard deviations above the mean over the reference's own chunks.</param>
public sealed record MonitorThreshold(double? Constant, double? Alpha, double? Deviations);

/// <summary>How rows are cut into chunks; one member is set.</summary>
/// <param name="Rows">Rows of a chunk.</param>
/// <param name="Period">Length of a chunk by the predictions' time, aligned to the Unix epoch.</param>
public sealed record MonitorChunk(int? Rows, TimeSpan? Period);

/// <summary>What chunks are compared with: the first rows, or those of a time.</summary>
/// <param name="Rows">The first rows that come; null with a time.</param>
/// <param name="From">First time of a prediction, inclusive, UTC.</param>
/// <param name="To">Last time of a prediction, exclusive, UTC.</param>
public sealed record MonitorReference(int? Rows, DateTime? From, DateTime? To);
