namespace OrleansMl;

/// <summary>A part of a learner's whole state.</summary>
/// <param name="Bytes">Empty: that state is not kept any more; ask for updates again.</param>
[GenerateSerializer, Immutable, Alias("oml.LiveStatePart")]
public sealed record LiveStatePart([property: Id(0)] ReadOnlyMemory<byte> Bytes);
