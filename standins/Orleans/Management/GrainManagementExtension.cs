using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.Core.Internal
{
    /// <summary>Ends or moves an activation from outside.</summary>
    public interface IGrainManagementExtension : IGrainExtension
    {
        [AlwaysInterleave]
        ValueTask DeactivateOnIdle();

        [AlwaysInterleave]
        ValueTask MigrateOnIdle();
    }
}

namespace Orleans.Runtime
{
    internal sealed class GrainManagementExtension(IGrainContextAccessor accessor) : Core.Internal.IGrainManagementExtension
    {
        public ValueTask DeactivateOnIdle()
        {
            accessor.GrainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called from outside."));
            return default;
        }

        public ValueTask MigrateOnIdle()
        {
            accessor.GrainContext.Migrate(null);
            return default;
        }
    }
}
