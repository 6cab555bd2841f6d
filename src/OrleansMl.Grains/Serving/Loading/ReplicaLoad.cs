using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>What became of a load.</summary>
/// <param name="Handle">The loaded version; null: there is none.</param>
/// <param name="Reason">Why there is none; else null.</param>
internal sealed record ReplicaLoad(ModelHandle<LoadedVersion>? Handle, string? Reason);
