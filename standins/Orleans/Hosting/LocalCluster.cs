using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>The silo of each cluster id in this process, with the observers of all its hosts.</summary>
internal sealed class LocalCluster
{
    private static readonly ConcurrentDictionary<string, LocalCluster> All = new();

    public SiloRuntime? Silo { get; private set; }

    public Observers Observers { get; } = new();

    public static LocalCluster Of(string serviceId, string clusterId) => All.GetOrAdd($"{serviceId}\n{clusterId}", static _ => new LocalCluster());

    public void Enter(SiloRuntime silo)
    {
        lock (this)
        {
            if (Silo is not null)
            {
                throw new OrleansConfigurationException(
                    $"Silo '{Silo.Name}' runs in this process under the same service and cluster id already. The stand-in engine is one silo: give this one another cluster id, or use the real packages (build with OmlEngine=orleans).");
            }

            Silo = silo;
        }
    }

    public void Leave(SiloRuntime silo)
    {
        lock (this)
        {
            if (Silo == silo)
                Silo = null;
        }
    }
}
