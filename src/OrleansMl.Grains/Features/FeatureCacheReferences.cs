using Orleans.Runtime;

namespace OrleansMl.Features;

/// <summary>References to the grain of an entity's features.</summary>
internal static class FeatureCacheReferences
{
    private static volatile Names? s_names;

    /// <summary>
    /// The grain of this entity. The generic <c>GetGrain</c> looks the names of grain and interface up by reflection at every
    /// call, which takes longer than the rest of the call does: they are asked for once.
    /// </summary>
    public static IFeatureCacheGrain FeatureCache(this IGrainFactory grains, EntityId entity)
    {
        var key = entity.ToGrainKey();
        if (s_names is { } names)
            return (IFeatureCacheGrain)grains.GetGrain(GrainId.Create(names.Grain, key), names.Interface);
        var first = grains.GetGrain<IFeatureCacheGrain>(key);
        s_names = new Names(first.GetGrainId().Type, ((GrainReference)first).InterfaceType);
        return first;
    }

    private sealed record Names(GrainType Grain, GrainInterfaceType Interface);
}
