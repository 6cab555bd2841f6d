using OrleansMl.Storage;

namespace OrleansMl.Datasets;

/// <summary>Data sets: taken in and handed out as streams, never whole in memory.</summary>
public interface IDatasetService
{
    /// <summary>
    /// Stores an upload and describes it, in one pass. Answers with the job that did so, which has ended: its result names the data
    /// set. Nothing stays where the bytes are not of the format (400 with the line) or too many (413 too_large).
    /// </summary>
    Task<OmlResult<JobStatus>> UploadAsync(DatasetUpload upload, CancellationToken cancellationToken);

    /// <summary>unknown_dataset where there is none.</summary>
    Task<OmlResult<DatasetRecord>> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>The content, from its start; the caller closes it.</summary>
    Task<OmlResult<Stream>> OpenAsync(string id, CancellationToken cancellationToken);
}

/// <summary>A file that comes in.</summary>
/// <param name="Content">Its bytes, read once.</param>
/// <param name="Format">csv | ndjson.</param>
/// <param name="Name">As the caller has it; null: not said.</param>
/// <param name="By">Who sends it.</param>
public sealed record DatasetUpload(Stream Content, string Format, string? Name, string By);
