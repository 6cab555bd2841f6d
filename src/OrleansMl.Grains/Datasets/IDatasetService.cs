using System.Collections.Immutable;
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

    /// <summary>The same with the versions that were learned from it.</summary>
    Task<OmlResult<DatasetOverview>> DescribeAsync(string id, CancellationToken cancellationToken);

    /// <summary>Newest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<DatasetOverview>> ListAsync(DatasetFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a data set, and its content where no other has the same; answers with what it was. 409: dataset_in_use with the job that
    /// reads or writes it, dataset_named where a version that was learned from it could not be made again.
    /// </summary>
    /// <param name="id">Of the data set.</param>
    /// <param name="force">Also where a version was learned from it; the version's lineage says then that it is gone.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<OmlResult<DatasetOverview>> DeleteAsync(string id, bool force, CancellationToken cancellationToken);

    /// <summary>The content, from its start; the caller closes it.</summary>
    Task<OmlResult<Stream>> OpenAsync(string id, CancellationToken cancellationToken);
}

/// <summary>A data set, and what came of it.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Versions">Versions that were learned from it, or from another of the same content, by model and number.</param>
public sealed record DatasetOverview(DatasetRecord Dataset, ImmutableArray<ModelVersionId> Versions);

/// <summary>A file that comes in.</summary>
/// <param name="Content">Its bytes, read once.</param>
/// <param name="Format">csv | ndjson.</param>
/// <param name="Name">As the caller has it; null: not said.</param>
/// <param name="By">Who sends it.</param>
public sealed record DatasetUpload(Stream Content, string Format, string? Name, string By);
