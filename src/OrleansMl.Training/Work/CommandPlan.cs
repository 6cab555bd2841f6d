using System.Collections.Immutable;

namespace OrleansMl.Training;

/// <summary>The program of a trainer of the user's own.</summary>
/// <param name="Arguments">The program and its arguments.</param>
/// <param name="Seconds">Wall time; null: as long as the work itself may take.</param>
/// <param name="MemoryBytes">What it may hold; null: what the work itself may.</param>
public sealed record CommandPlan(ImmutableArray<string> Arguments, double? Seconds, long? MemoryBytes);
