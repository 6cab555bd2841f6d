namespace OrleansMl;

/// <summary>A line for the job's log.</summary>
/// <param name="Level">information | warning | error.</param>
/// <param name="Text">For people.</param>
[GenerateSerializer, Immutable, Alias("oml.JobLogLine")]
public sealed record JobLogLine([property: Id(0)] string Level, [property: Id(1)] string Text);
