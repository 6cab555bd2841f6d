using OrleansMl.Storage.Embedded;

namespace OrleansMl.Streams.Tests.Support;

/// <summary>An embedded store in a folder of its own, which goes with the test.</summary>
public sealed class StoreFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("orleansml-streams-").FullName;

    public EmbeddedStore Open(int queues = 8) => EmbeddedStore.Open(new EmbeddedStoreOptions { DataFolder = _path, Durability = StoreDurability.Process, StreamQueues = queues });

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
