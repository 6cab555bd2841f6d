using Orleans.TestingHost;

namespace OrleansMl.Testing;

/// <summary>
/// A cluster within the test process, shared by a collection of tests: two silos on the public engine, one on the stand-in.
/// Derive from it to configure the silos; link this file, TestClusters.cs and EngineInfo.cs into the test project.
/// </summary>
public abstract class ClusterFixture : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    public InProcessTestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not been deployed.");

    /// <summary>References for calls from outside of the cluster.</summary>
    public IGrainFactory Grains => Cluster.Client;

    /// <summary>The services of the first silo.</summary>
    public IServiceProvider SiloServices => Cluster.Silos[0].ServiceProvider;

    public async Task InitializeAsync()
    {
        var builder = TestClusters.Builder();
        Configure(builder);
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    protected abstract void Configure(InProcessTestClusterBuilder builder);
}
