using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>A silo asks for a job.</summary>
/// <param name="Owner">The silo.</param>
/// <param name="GoneOwner">The owner that the caller knows to be gone; null: only a job that waits is wanted.</param>
/// <param name="MaxIdleAttempts">Attempts in a row that end without a checkpoint before the job is given up.</param>
[GenerateSerializer, Immutable, Alias("oml.JobClaim")]
public sealed record JobClaim([property: Id(0)] string Owner, [property: Id(1)] string? GoneOwner, [property: Id(2)] int MaxIdleAttempts);

/// <summary>The right to run a job. It ends when a later attempt begins: then every call with its number is refused.</summary>
/// <param name="Attempt">Fences all that the attempt writes.</param>
/// <param name="Spec">What to do.</param>
/// <param name="Step">Step of the last checkpoint; null: there is none.</param>
/// <param name="Checkpoint">What was saved last; null: begin at the beginning.</param>
[GenerateSerializer, Immutable, Alias("oml.JobTicket")]
public sealed record JobTicket([property: Id(0)] int Attempt, [property: Id(1)] JobSpec Spec, [property: Id(2)] string? Step, [property: Id(3)] ReadOnlyMemory<byte>? Checkpoint);

/// <summary>How far an attempt is.</summary>
/// <param name="Step">What it does.</param>
/// <param name="Fraction">0 to 1; null: not known.</param>
/// <param name="EtaSeconds">Null: not known.</param>
/// <param name="Metrics">Figures of the kind.</param>
[GenerateSerializer, Immutable, Alias("oml.JobProgress")]
public sealed record JobProgress(
    [property: Id(0)] string Step,
    [property: Id(1)] double? Fraction,
    [property: Id(2)] double? EtaSeconds,
    [property: Id(3)] ImmutableSortedDictionary<string, double> Metrics);

/// <summary>A line for the job's log.</summary>
/// <param name="Level">information | warning | error.</param>
/// <param name="Text">For people.</param>
[GenerateSerializer, Immutable, Alias("oml.JobLogLine")]
public sealed record JobLogLine([property: Id(0)] string Level, [property: Id(1)] string Text);

/// <summary>How an attempt ended for good.</summary>
/// <param name="State">succeeded, failed or cancelled.</param>
/// <param name="Result">JSON object; null: none.</param>
/// <param name="Error">Why it failed; else null.</param>
[GenerateSerializer, Immutable, Alias("oml.JobOutcome")]
public sealed record JobOutcome([property: Id(0)] JobState State, [property: Id(1)] string? Result, [property: Id(2)] OmlError? Error);

/// <summary>What an attempt shall do now.</summary>
public enum JobDirective : byte
{
    Continue = 0,

    /// <summary>Stop, and say that it is cancelled.</summary>
    Cancel = 1,
}
