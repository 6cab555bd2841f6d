using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace OrleansMl.Serving;

/// <summary>Where a call lies in a split, from 0 to below 1.</summary>
internal static class TrafficPoint
{
    /// <summary>A drawn one for each call, or with sticky traffic the entity's own, which differs from model to model.</summary>
    public static double Of(ServingPlan plan, EntityId? entity) => plan.Traffic is { IsSticky: true } && entity is { } id
        ? Of(XxHash3.HashToUInt64(MemoryMarshal.AsBytes($"{plan.Model}\n{id.ToGrainKey()}".AsSpan())))
        : Random.Shared.NextDouble();

    private static double Of(ulong hash) => (hash >> 11) * (1.0 / (1L << 53));
}
