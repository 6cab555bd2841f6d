using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>Name, type and shape of a tensor; −1 is a free dimension. Type names are those of the Open Inference Protocol.</summary>
[GenerateSerializer, Immutable, Alias("oml.TensorInfo")]
public sealed record TensorInfo([property: Id(0)] string Name, [property: Id(1)] string Datatype, [property: Id(2)] ImmutableArray<long> Shape);
