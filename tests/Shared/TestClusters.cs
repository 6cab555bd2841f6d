using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace OrleansMl.Testing;

/// <summary>Builders of clusters within the test process.</summary>
internal static class TestClusters
{
    /// <param name="silos">How many; those of the engine by default.</param>
    public static InProcessTestClusterBuilder Builder(short? silos = null)
    {
        var builder = new InProcessTestClusterBuilder(silos ?? EngineInfo.Silos);
        // A silo that stops waits for what is queued to be sent, 2 s by default, and silos stop one after the other. Within one process
        // nothing waits in those queues for long.
        builder.ConfigureSilo((_, silo) => silo.Configure<SiloMessagingOptions>(o => o.WaitForMessageToBeQueuedForOutboundTime = TimeSpan.FromMilliseconds(100)));
        return builder;
    }
}
