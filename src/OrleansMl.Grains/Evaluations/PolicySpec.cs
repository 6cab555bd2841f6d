using OrleansMl.Declaration;

namespace OrleansMl.Evaluations;

/// <summary>A policy to judge from logged decisions.</summary>
/// <param name="Version">Scores the candidates.</param>
/// <param name="Exploration">Draws among them; null: the best by score.</param>
internal sealed record PolicySpec(int Version, ExplorationDefinition? Exploration);
