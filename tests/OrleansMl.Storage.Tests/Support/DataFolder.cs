using OrleansMl.Storage.Embedded;

namespace OrleansMl.Storage.Tests.Support;

/// <summary>A temporary data folder, removed at the end of the test.</summary>
public sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orleansml-storage-").FullName;

    public EmbeddedStore Open(Action<EmbeddedStoreOptions>? configure = null, TimeProvider? time = null)
    {
        // The disk's syncs are not what most tests are about.
        var options = new EmbeddedStoreOptions { DataFolder = Path, Durability = StoreDurability.Process };
        configure?.Invoke(options);
        return EmbeddedStore.Open(options, time);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
