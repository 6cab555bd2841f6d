namespace OrleansMl.Storage;

/// <summary>Files by the SHA-256 of their content.</summary>
public interface IArtifactStore
{
    /// <summary>Stores the bytes (fsync, then an atomic rename) and answers with their SHA-256 in lower-case hexadecimal.</summary>
    ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Reads and verifies.</summary>
    /// <exception cref="FileNotFoundException">No such artifact.</exception>
    /// <exception cref="InvalidDataException">The file's content does not have this digest.</exception>
    ValueTask<byte[]> GetAsync(string sha256, CancellationToken cancellationToken = default);

    bool Exists(string sha256);
}
