using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>Answer to an append.</summary>
/// <param name="Items">One for each record, in order.</param>
/// <param name="LastSequence">The log's last sequence after it.</param>
[GenerateSerializer, Immutable, Alias("oml.AppendResult")]
public sealed record AppendResult([property: Id(0)] ImmutableArray<AppendOutcome> Items, [property: Id(1)] long LastSequence);
