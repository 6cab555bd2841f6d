namespace OrleansMl.Declaration;

/// <summary>What a candidate must keep to while it is rolled out, beside its loss.</summary>
public sealed record GuardrailsDefinition
{
    /// <summary>Milliseconds that the 99th percentile of its scoring time may take; null: no limit.</summary>
    public double? LatencyP99 { get; init; }

    /// <summary>Times the champion's 99th percentile that its own may take; null: no limit.</summary>
    public double? LatencyRatio { get; init; }

    /// <summary>Share of the requests, in [0, 1), that it may fail to score; null: no limit.</summary>
    public double? Errors { get; init; }

    /// <summary>Requests before a guardrail decides anything.</summary>
    public int MinAnswers { get; init; } = 100;
}
