using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>A job with its attempts: what is needed to understand what came out, and to do it again.</summary>
[GenerateSerializer, Immutable, Alias("oml.JobManifest")]
public sealed record JobManifest([property: Id(0)] JobStatus Status, [property: Id(1)] ImmutableArray<JobAttempt> Attempts);
