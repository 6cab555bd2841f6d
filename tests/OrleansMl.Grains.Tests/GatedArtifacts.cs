using OrleansMl.Inference;
using OrleansMl.Models;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests;

/// <summary>Artifacts in memory, which can be held back and can fail.</summary>
internal sealed class GatedArtifacts : IArtifactStore
{
    private readonly Dictionary<string, byte[]> _files = [];
    private int _reads;
    private volatile bool _wasOnPool;

    /// <summary>How many reads fail from now on.</summary>
    public int Failures { get; set; }

    /// <summary>Reads wait for it; null: they do not.</summary>
    public ManualResetEventSlim? Gate { get; set; }

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>No read came from a thread of the pool.</summary>
    public bool AllOnThreadsOfTheirOwn => !_wasOnPool;

    /// <summary>Adds a version whose graph is x + <paramref name="add"/>.</summary>
    public VersionManifest Add(string model, int version, float add) => Add(model, version, Models.Add(add));

    public VersionManifest Add(string model, int version, byte[] bytes)
    {
        var sha = $"{model}-{version}".PadRight(64, '0');
        _files[sha] = bytes;
        var inspected = OnnxModelFile.Inspect(bytes);
        var manifest = new VersionManifest { Model = model, Version = version, ArtifactSha256 = sha, ArtifactBytes = bytes.Length };
        return inspected.IsAccepted
            ? manifest with { Inputs = inspected.File.Signature.Inputs.ToInfos(), Outputs = inspected.File.Signature.Outputs.ToInfos() }
            : manifest;
    }

    public ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<byte[]> GetAsync(string sha256, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _reads);
        _wasOnPool |= Thread.CurrentThread.IsThreadPoolThread;
        Gate?.Wait(cancellationToken);
        return Failures-- > 0 ? throw new IOException("Too many open files.") : new ValueTask<byte[]>(_files[sha256]);
    }

    public bool Exists(string sha256) => _files.ContainsKey(sha256);
}
