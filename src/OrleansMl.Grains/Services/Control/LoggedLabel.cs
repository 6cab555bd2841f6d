using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <summary>A label that came for a prediction.</summary>
/// <param name="Statement">As it is kept.</param>
/// <param name="Value">The label in the target's terms.</param>
public sealed record LoggedLabel(LabelStatement Statement, Scalar Value);
