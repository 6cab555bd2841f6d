using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>One applied application: the text as given, from which every silo compiles the same definition.</summary>
/// <param name="Name">Name of the application.</param>
/// <param name="Revision">Counts its changes, from 1.</param>
/// <param name="Source">The text as applied.</param>
/// <param name="AppliedAt">When, on the wall clock.</param>
/// <param name="Lineages">For each model of it, which lineage of its learner lives; a reset raises it.</param>
[GenerateSerializer, Immutable, Alias("oml.AppliedApplication")]
public sealed record AppliedApplication(
    [property: Id(0)] string Name,
    [property: Id(1)] long Revision,
    [property: Id(2)] string Source,
    [property: Id(3)] DateTime AppliedAt,
    [property: Id(4)] ImmutableDictionary<string, int> Lineages);
