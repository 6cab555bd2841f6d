using System.Text.Json;
using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Files;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Datasets;

/// <summary>
/// <see cref="IDatasetStore"/> in a folder: <c>content/aa/aabb…</c> by SHA-256, <c>work/</c> for scratch files; the records lie in
/// the database. A content has its name only once its bytes are on disk, and a record comes after its content.
/// </summary>
internal sealed class FileDatasetStore : IDatasetStore
{
    /// <summary>Scratch files of this name end with the process: their callers are gone.</summary>
    public const string UploadPrefix = "upload-";

    private static readonly SqlText s_insert = new("INSERT INTO datasets (id, hash, document) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
    private static readonly SqlText s_find = new("SELECT document FROM datasets WHERE id = ?1");

    private readonly GroupCommitWriter _writer;
    private readonly ReaderPool _readers;
    private readonly string _content;
    private readonly string _work;

    public FileDatasetStore(string folder, GroupCommitWriter writer, ReaderPool readers)
    {
        (_writer, _readers) = (writer, readers);
        _content = Path.Combine(folder, "content");
        _work = Path.Combine(folder, "work");
        Directory.CreateDirectory(_content);
        Directory.CreateDirectory(_work);
        DeleteScratch(UploadPrefix);
    }

    public FileStream CreateScratch(string name) => new(ScratchOf(name), FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);

    public FileStream OpenScratch(string name) => new(ScratchOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);

    public string CreateScratchFolder(string name)
    {
        var folder = ScratchOf(name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }

    public void DeleteScratch(string prefix)
    {
        foreach (var folder in Directory.EnumerateDirectories(_work, Checked(prefix) + "*"))
            Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.EnumerateFiles(_work, Checked(prefix) + "*"))
            File.Delete(file);
    }

    public async ValueTask CommitAsync(DatasetRecord record, string scratch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        await Task.Run(() => Keep(record, ScratchOf(scratch)), cancellationToken).ConfigureAwait(false);
        var document = JsonSerializer.SerializeToUtf8Bytes(record);
        await _writer.RunAsync(
            session =>
            {
                session.Database.Prepare(s_insert).Bind(1, record.Id).Bind(2, record.Hash).Bind(3, document.AsSpan()).Run();
                return true;
            },
            1,
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<DatasetRecord?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = _readers.Rent();
        using var query = lease.Database.Prepare(s_find);
        return new ValueTask<DatasetRecord?>(query.Bind(1, id).Step() ? JsonSerializer.Deserialize<DatasetRecord>(query.GetSpan(0)) : null);
    }

    public FileStream OpenContent(DatasetRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new FileStream(ContentOf(record.Hash), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
    }

    private void Keep(DatasetRecord record, string scratch)
    {
        using (var file = new FileStream(scratch, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
        {
            if (file.Length != record.Bytes)
                throw new InvalidDataException($"The scratch file '{scratch}' has {file.Length} bytes; data set '{record.Id}' has {record.Bytes}.");
            file.Flush(flushToDisk: true);
        }

        var path = ContentOf(record.Hash);
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            FolderSync.Run(_content);
        }

        // Equal content under the same name: whoever reads the old file goes on reading it.
        File.Move(scratch, path, overwrite: true);
        FolderSync.Run(folder);
    }

    private string ContentOf(string hash) => hash is { Length: 64 } && !hash.AsSpan().ContainsAnyExcept("0123456789abcdef")
        ? Path.Combine(_content, hash[..2], hash)
        : throw new ArgumentException($"'{hash}' is no SHA-256 in lower-case hexadecimal.", nameof(hash));

    private string ScratchOf(string name) => Path.Combine(_work, Checked(name));

    // Only such names become part of a path or a search pattern.
    private static string Checked(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-'))
                throw new ArgumentException($"'{name}' is no name for a scratch file; give letters, digits, points and hyphens.", nameof(name));
        }

        return name.Length is > 0 and <= 128 && name[0] != '.' ? name : throw new ArgumentException($"'{name}' is no name for a scratch file; give 1 to 128 characters, the first no point.", nameof(name));
    }
}
