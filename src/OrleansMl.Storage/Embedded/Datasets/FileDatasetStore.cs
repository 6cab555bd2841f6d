using System.Text.Json;
using OrleansMl.Storage.Embedded.Commit;
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

    private const string Columns = "rowid, kind, model, document";

    private static readonly SqlText s_insert = new("INSERT INTO datasets (id, hash, document, kind, model) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING");
    private static readonly SqlText s_find = new($"SELECT {Columns} FROM datasets WHERE id = ?1");

    // Ids of what a job wrote are its own, a hyphen and more; a point is what comes after a hyphen.
    private static readonly SqlText s_list = new(
        $"""
        SELECT {Columns} FROM datasets
        WHERE (?1 IS NULL OR rowid < ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR model = ?3) AND (?4 IS NULL OR (id > ?4 || '-' AND id < ?4 || '.'))
        ORDER BY rowid DESC LIMIT ?5
        """);

    private static readonly SqlText s_delete = new("DELETE FROM datasets WHERE id = ?1");
    private static readonly SqlText s_others = new("SELECT 1 FROM datasets WHERE hash = ?1 AND id <> ?2 LIMIT 1");

    private readonly GroupCommitWriter _writer;
    private readonly ReaderPool _readers;
    private readonly ContentFolder _content;
    private readonly string _work;

    public FileDatasetStore(string folder, GroupCommitWriter writer, ReaderPool readers)
    {
        (_writer, _readers) = (writer, readers);
        _content = new ContentFolder(Path.Combine(folder, "content"), hash => HasContent(hash, but: null));
        _work = Path.Combine(folder, "work");
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

        // From before the content is there to after its record is: in between nothing says that it is needed.
        using var hold = _content.Hold(record.Hash);
        await Task.Run(() => Keep(record, ScratchOf(scratch)), cancellationToken).ConfigureAwait(false);
        var document = JsonSerializer.SerializeToUtf8Bytes(record);

        // Not given up: it would be written all the same, after the hold.
        await _writer.RunAsync(
            session =>
            {
                session.Database.Prepare(s_insert).Bind(1, record.Id).Bind(2, record.Hash).Bind(3, document.AsSpan()).Bind(4, record.Kind).Bind(5, record.Model).Run();
                return true;
            },
            1,
            CancellationToken.None).ConfigureAwait(false);
    }

    public ValueTask<DatasetRecord?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = _readers.Rent();
        using var query = lease.Database.Prepare(s_find);
        return new ValueTask<DatasetRecord?>(query.Bind(1, id).Step() ? Read(query) : null);
    }

    public ValueTask<IReadOnlyList<DatasetRecord>> ListAsync(DatasetFilter filter, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = _readers.Rent();
        using var query = lease.Database.Prepare(s_list);
        query.Bind(1, filter.Before).Bind(2, filter.Kind).Bind(3, filter.Model).Bind(4, filter.WrittenBy).Bind(5, (long)limit);
        var records = new List<DatasetRecord>();
        while (query.Step())
            records.Add(Read(query));
        return new ValueTask<IReadOnlyList<DatasetRecord>>(records);
    }

    public async ValueTask<DatasetRecord?> DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } record)
            return null;

        // First the record: a content without one is found and removed, a record without a content would be a lie.
        await _writer.RunAsync(
            session =>
            {
                session.Database.Prepare(s_delete).Bind(1, id).Run();
                return true;
            },
            1,
            cancellationToken).ConfigureAwait(false);
        await Task.Run(() => _content.Free(record.Hash), CancellationToken.None).ConfigureAwait(false);
        return record;
    }

    public ValueTask<bool> IsSharedAsync(DatasetRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<bool>(HasContent(record.Hash, record.Id));
    }

    public IReadOnlyList<(string Name, DateTime Written)> ListScratch() =>
        [.. new DirectoryInfo(_work).EnumerateFileSystemInfos().Select(entry => (entry.Name, entry.LastWriteTimeUtc))];

    public async ValueTask<int> DeleteOrphanedContentAsync(CancellationToken cancellationToken = default) =>
        await Task.Run(() => _content.List().Count(_content.Free), cancellationToken).ConfigureAwait(false);

    public FileStream OpenContent(DatasetRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return _content.Open(record.Hash);
    }

    private static DatasetRecord Read(SqliteStatement query)
    {
        var record = JsonSerializer.Deserialize<DatasetRecord>(query.GetSpan(3)) ?? throw new InvalidDataException("The document of a data set is empty.");
        return record with { Sequence = query.GetInt64(0), Kind = query.GetTextOrNull(1), Model = query.GetTextOrNull(2) };
    }

    /// <summary>A data set has the content, one of another id where an id is given.</summary>
    private bool HasContent(string hash, string? but)
    {
        using var lease = _readers.Rent();
        using var query = lease.Database.Prepare(s_others);
        return query.Bind(1, hash).Bind(2, but ?? "").Step();
    }

    private void Keep(DatasetRecord record, string scratch)
    {
        using (var file = new FileStream(scratch, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
        {
            if (file.Length != record.Bytes)
                throw new InvalidDataException($"The scratch file '{scratch}' has {file.Length} bytes; data set '{record.Id}' has {record.Bytes}.");
            file.Flush(flushToDisk: true);
        }

        _content.Take(record.Hash, scratch);
    }

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
