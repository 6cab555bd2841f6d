using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansMl.Storage;

/// <summary>A data set: what a caller uploaded, or what a job wrote. It never changes.</summary>
public sealed record DatasetRecord
{
    /// <summary>32 hexadecimal digits, or the id of a job and an attempt.</summary>
    public required string Id { get; init; }

    /// <summary>csv | ndjson.</summary>
    public required string Format { get; init; }

    /// <summary>Rows; the header of a CSV file is none.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes of the content.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the content, lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    public ImmutableArray<DatasetColumn> Columns { get; init; } = [];

    /// <summary>When it was stored, UTC.</summary>
    public required DateTime Created { get; init; }

    /// <summary>Name of the file as the caller had it; null: not said.</summary>
    public string? Name { get; init; }

    /// <summary>The job that made it; null: not known.</summary>
    public string? Job { get; init; }

    /// <summary>The kind of the job that made it, or <see cref="SentKind"/>; null: made before kinds were kept, by a job that is gone.</summary>
    [JsonIgnore]
    public string? Kind { get; init; }

    /// <summary>The model of that job; null: it had none.</summary>
    [JsonIgnore]
    public string? Model { get; init; }

    /// <summary>Rises with each data set that is stored; given by the store.</summary>
    [JsonIgnore]
    public long Sequence { get; init; }

    /// <summary>Kind of a file that a caller sent.</summary>
    public const string SentKind = "file";
}

/// <summary>A column as its values were seen.</summary>
/// <param name="Name">Name in the header, or of the member.</param>
/// <param name="Type">int | float | bool | string | array | object | mixed | empty.</param>
/// <param name="Missing">Rows without a value.</param>
public sealed record DatasetColumn(string Name, string Type, long Missing);

/// <summary>Data sets by id, their contents by SHA-256: equal contents are stored once. Scratch files are what is still being written.</summary>
public interface IDatasetStore
{
    /// <summary>Opens an empty scratch file for writing; one of the same name is replaced.</summary>
    /// <param name="name">Letters, digits, points and hyphens.</param>
    FileStream CreateScratch(string name);

    /// <summary>Opens a scratch file for reading.</summary>
    /// <exception cref="FileNotFoundException">There is none of this name.</exception>
    FileStream OpenScratch(string name);

    /// <summary>Makes an empty scratch folder for another process to work in, and answers with its path; what one of the same name held is gone.</summary>
    /// <param name="name">Letters, digits, points and hyphens.</param>
    string CreateScratchFolder(string name);

    /// <summary>Removes the scratch files and folders whose names begin so.</summary>
    void DeleteScratch(string prefix);

    /// <summary>Makes a scratch file, complete and closed, the content of a data set. Durable when it returns.</summary>
    /// <param name="record">Its hash and bytes are those of the file.</param>
    /// <param name="scratch">Name of the file; it is gone afterwards.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask CommitAsync(DatasetRecord record, string scratch, CancellationToken cancellationToken = default);

    ValueTask<DatasetRecord?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Newest first, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<DatasetRecord>> ListAsync(DatasetFilter filter, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes a data set, and its content where no other has the same; whoever reads the content goes on reading it. Answers with what it
    /// was; null: there was none. Durable when it returns.
    /// </summary>
    ValueTask<DatasetRecord?> DeleteAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Another data set has the same content.</summary>
    ValueTask<bool> IsSharedAsync(DatasetRecord record, CancellationToken cancellationToken = default);

    /// <summary>Names of the scratch files and folders, with when each was last written to, UTC.</summary>
    IReadOnlyList<(string Name, DateTime Written)> ListScratch();

    /// <summary>Removes contents that no data set has: those of a process that died between a content and its data set. Answers with how many.</summary>
    ValueTask<int> DeleteOrphanedContentAsync(CancellationToken cancellationToken = default);

    /// <summary>The content, from its start.</summary>
    /// <exception cref="FileNotFoundException">The file is gone.</exception>
    FileStream OpenContent(DatasetRecord record);
}
