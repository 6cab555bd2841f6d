using System.Collections.Immutable;
using OrleansMl.Inference;

namespace OrleansMl.Models;

/// <summary>From a file's signature to that of a manifest.</summary>
internal static class SignatureMapping
{
    public static ImmutableArray<TensorInfo> ToInfos(this ImmutableArray<TensorSpec> specs) =>
        [.. specs.Select(s => new TensorInfo(s.Name, s.Type.ToProtocolName(), s.Shape))];
}
