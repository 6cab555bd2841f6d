namespace OrleansMl;

/// <summary>A figure beside the loss, with its limit.</summary>
/// <param name="Name">latency.p99 (milliseconds) | latency.ratio | errors | served.loss.</param>
/// <param name="N">Answers of the candidate behind it.</param>
/// <param name="Value">What was measured; null: nothing yet.</param>
/// <param name="Limit">What it may be.</param>
/// <param name="Verdict">kept | violated | open (too few answers).</param>
[GenerateSerializer, Immutable, Alias("oml.GuardrailEvidence")]
public sealed record GuardrailEvidence(
    [property: Id(0)] string Name,
    [property: Id(1)] long N,
    [property: Id(2)] double? Value,
    [property: Id(3)] double Limit,
    [property: Id(4)] string Verdict);
