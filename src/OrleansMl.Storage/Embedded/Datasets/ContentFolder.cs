using OrleansMl.Storage.Embedded.Files;

namespace OrleansMl.Storage.Embedded.Datasets;

/// <summary>
/// Contents by SHA-256 in a folder, <c>aa/aabb…</c>, each once however many data sets have it. What is on its way into a data set is held,
/// so that it is not freed before its record is there.
/// </summary>
/// <param name="folder">Made where it is absent.</param>
/// <param name="isNeeded">A data set has the content.</param>
internal sealed class ContentFolder(string folder, Func<string, bool> isNeeded)
{
    private readonly string _folder = Directory.CreateDirectory(folder).FullName;
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Until it is disposed, the content is not freed.</summary>
    public IDisposable Hold(string hash)
    {
        lock (_gate)
            _held[hash] = _held.GetValueOrDefault(hash) + 1;
        return new Held(this, hash);
    }

    /// <summary>Makes a file, complete and on disk, the content; the name is on disk when it returns.</summary>
    public void Take(string hash, string file)
    {
        var path = PathOf(hash);
        var parent = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            FolderSync.Run(_folder);
        }

        // Equal content under the same name: whoever reads the old file goes on reading it.
        File.Move(file, path, overwrite: true);
        FolderSync.Run(parent);
    }

    /// <exception cref="FileNotFoundException">The file is gone.</exception>
    public FileStream Open(string hash) => new(PathOf(hash), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);

    /// <summary>The contents that are there.</summary>
    public IEnumerable<string> List() => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!).Where(IsDigest);

    /// <summary>Removes a content that no data set has, and none is getting. Answers whether it did.</summary>
    public bool Free(string hash)
    {
        lock (_gate)
        {
            if (_held.ContainsKey(hash) || isNeeded(hash) || !File.Exists(PathOf(hash)))
                return false;
            File.Delete(PathOf(hash));
            return true;
        }
    }

    private static bool IsDigest(string hash) => hash is { Length: 64 } && !hash.AsSpan().ContainsAnyExcept("0123456789abcdef");

    // Only what a digest looks like becomes part of a path.
    private string PathOf(string hash) => IsDigest(hash)
        ? Path.Combine(_folder, hash[..2], hash)
        : throw new ArgumentException($"'{hash}' is no SHA-256 in lower-case hexadecimal.", nameof(hash));

    private void Release(string hash)
    {
        lock (_gate)
        {
            if (--_held[hash] == 0)
                _held.Remove(hash);
        }
    }

    private sealed class Held(ContentFolder folder, string hash) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (_isOver)
                return;
            _isOver = true;
            folder.Release(hash);
        }
    }
}
