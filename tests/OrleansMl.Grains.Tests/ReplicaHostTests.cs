using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests;

public sealed class ReplicaHostTests
{
    [Fact]
    public async Task A_load_that_failed_for_an_unforeseen_reason_is_tried_again()
    {
        var artifacts = new FlakyArtifacts();
        var host = new ReplicaHost(new VersionLoader(artifacts), NullLogger<ReplicaHost>.Instance);
        var manifest = new VersionManifest { Model = "m", Version = 1, ArtifactSha256 = new string('0', 64) };
        await Assert.ThrowsAsync<IOException>(() => host.LoadAsync(manifest));
        Assert.NotNull(await host.LoadAsync(manifest));
        Assert.Equal((2, 0), (artifacts.Reads, host.Count));
    }

    private sealed class FlakyArtifacts : IArtifactStore
    {
        public int Reads { get; private set; }

        public ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<byte[]> GetAsync(string sha256, CancellationToken cancellationToken = default) =>
            Reads++ == 0 ? throw new IOException("Too many open files.") : throw new FileNotFoundException("It is not there.");

        public bool Exists(string sha256) => false;
    }
}
