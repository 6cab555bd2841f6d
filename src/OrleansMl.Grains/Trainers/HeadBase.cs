namespace OrleansMl.Trainers;

/// <summary>The network that a learner of type <c>head</c> began with; it stays this one, whatever becomes of its model.</summary>
/// <param name="Model">Registered model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha256">Of the file.</param>
[GenerateSerializer, Immutable, Alias("oml.HeadBase")]
public sealed record HeadBase([property: Id(0)] string Model, [property: Id(1)] int Version, [property: Id(2)] string Sha256);
