using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Where an activation is placed. With one process there is one place.</summary>
    public abstract class PlacementStrategy;

    [GenerateSerializer, Immutable]
    public sealed class RandomPlacement : PlacementStrategy;

    [GenerateSerializer, Immutable]
    public sealed class PreferLocalPlacement : PlacementStrategy;

    [GenerateSerializer, Immutable]
    public sealed class HashBasedPlacement : PlacementStrategy;

    [GenerateSerializer, Immutable]
    public sealed class ActivationCountBasedPlacement : PlacementStrategy;

    [GenerateSerializer, Immutable]
    public sealed class ResourceOptimizedPlacement : PlacementStrategy;
}

namespace Orleans.Placement
{
    /// <summary>Chooses a placement; accepted and ignored: there is one silo.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public abstract class PlacementAttribute : Attribute
    {
        protected PlacementAttribute(PlacementStrategy placement)
        {
            ArgumentNullException.ThrowIfNull(placement);
            PlacementStrategy = placement;
        }

        public PlacementStrategy PlacementStrategy { get; }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new HashBasedPlacement());

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class ActivationCountBasedPlacementAttribute() : PlacementAttribute(new ActivationCountBasedPlacement());

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class ResourceOptimizedPlacementAttribute() : PlacementAttribute(new ResourceOptimizedPlacement());

    /// <summary>What an <see cref="ImmovableAttribute"/> forbids.</summary>
    [Flags]
    public enum ImmovableKind : byte
    {
        Repartitioner = 1,
        Rebalancer = 2,
        Any = 3,
    }

    /// <summary>The grain does not migrate.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class ImmovableAttribute(ImmovableKind kind = ImmovableKind.Any) : Attribute
    {
        public ImmovableKind Kind { get; } = kind;
    }
}
