using System.Security.Cryptography;
using OrleansMl.Storage.Embedded.Files;

namespace OrleansMl.Storage.Embedded.Artifacts;

/// <summary>
/// <see cref="IArtifactStore"/> in a folder: <c>aa/aabb…</c> by the SHA-256 of the content. A file has its name only once
/// its bytes are on disk, and the name is on disk before the caller is told.
/// </summary>
internal sealed class FileArtifactStore : IArtifactStore
{
    private readonly string _folder;
    private readonly string _incoming;

    public FileArtifactStore(string folder)
    {
        _folder = folder;
        _incoming = Path.Combine(folder, "incoming");
        // What a killed process left unfinished.
        if (Directory.Exists(_incoming))
            Directory.Delete(_incoming, recursive: true);
        Directory.CreateDirectory(_incoming);
    }

    public async ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        => await Task.Run(() => Put(content.Span), cancellationToken).ConfigureAwait(false);

    public async ValueTask<byte[]> GetAsync(string sha256, CancellationToken cancellationToken = default)
    {
        if (!IsDigest(sha256) || !File.Exists(PathOf(sha256)))
            throw new FileNotFoundException($"There is no artifact '{sha256}' in '{_folder}'.");
        var content = await File.ReadAllBytesAsync(PathOf(sha256), cancellationToken).ConfigureAwait(false);
        var actual = Convert.ToHexStringLower(SHA256.HashData(content));
        if (actual != sha256)
            throw new InvalidDataException($"Artifact '{sha256}' in '{_folder}' has the digest '{actual}': the file is damaged. Restore it, or store its content again.");
        return content;
    }

    public bool Exists(string sha256) => IsDigest(sha256) && File.Exists(PathOf(sha256));

    private string Put(ReadOnlySpan<byte> content)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var path = PathOf(sha256);
        // A damaged file is no reason to turn the content away.
        if (File.Exists(path) && IsIntact(path, sha256))
            return sha256;

        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            FolderSync.Run(_folder);
        }

        var temporary = Path.Combine(_incoming, Guid.NewGuid().ToString("N"));
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FolderSync.Run(folder);
        return sha256;
    }

    private static bool IsIntact(string path, string sha256)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == sha256;
    }

    // Only what a digest looks like becomes part of a path.
    private static bool IsDigest(string? sha256) => sha256 is { Length: 64 } && !sha256.AsSpan().ContainsAnyExcept("0123456789abcdef");

    private string PathOf(string sha256) => Path.Combine(_folder, sha256[..2], sha256);
}
