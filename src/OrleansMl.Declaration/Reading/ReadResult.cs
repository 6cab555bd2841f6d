using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Declaration;

/// <summary>What reading an application file gave.</summary>
public sealed record ReadResult
{
    /// <summary>The application with its defaults filled in; null when there are faults.</summary>
    public ApplicationDefinition? Definition { get; init; }

    /// <summary>All faults in order of their place; empty when the file is valid.</summary>
    public ImmutableArray<DeclarationFault> Faults { get; init; } = [];

    /// <summary>Things that are valid and yet surprising, in order of their place.</summary>
    public ImmutableArray<DeclarationFault> Warnings { get; init; } = [];

    /// <summary>There is a definition.</summary>
    [MemberNotNullWhen(true, nameof(Definition))]
    public bool IsValid => Definition is not null;
}
