using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Jobs;
using OrleansMl.Jobs.Retention;
using OrleansMl.Retraining;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Datasets;

/// <inheritdoc cref="IDatasetService"/>
internal sealed class DatasetService(
    IGrainFactory grains,
    IDatasetStore datasets,
    IControlService control,
    JobRemoval removal,
    JobOptions options,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : IDatasetService
{
    /// <summary>Kind of the jobs that stand for uploads.</summary>
    public const string JobKind = "dataset";

    public async Task<OmlResult<JobStatus>> UploadAsync(DatasetUpload upload, CancellationToken cancellationToken)
    {
        if (!DatasetFormats.IsKnown(upload.Format))
            return OmlError.Invalid($"There is no format '{upload.Format}' of data sets; send csv or ndjson.", "unknown_format");
        var id = Guid.CreateVersion7().ToString("n");
        var scratch = "upload-" + id;
        try
        {
            var taken = await TakeAsync(id, scratch, upload, cancellationToken);
            if (!taken.TryGet(out var record, out var error))
                return error;
            await datasets.CommitAsync(record, scratch, cancellationToken);
            var spec = new JobSpec { Kind = JobKind, Dataset = id, By = upload.By };
            return await grains.GetGrain<IJobGrain>(record.Job!).RecordAsync(spec, ResultOf(record));
        }
        finally
        {
            datasets.DeleteScratch(scratch);
        }
    }

    public async Task<OmlResult<DatasetRecord>> GetAsync(string id, CancellationToken cancellationToken) =>
        await datasets.FindAsync(id, cancellationToken) is { } record ? record : Unknown(id);

    public async Task<OmlResult<DatasetOverview>> DescribeAsync(string id, CancellationToken cancellationToken) => await datasets.FindAsync(id, cancellationToken) is { } record
        ? Describe(record, await VersionSources.ReadAsync(control, cancellationToken))
        : Unknown(id);

    public async Task<IReadOnlyList<DatasetOverview>> ListAsync(DatasetFilter filter, int limit, CancellationToken cancellationToken)
    {
        var records = await datasets.ListAsync(filter, limit, cancellationToken);
        var sources = await VersionSources.ReadAsync(control, cancellationToken);
        return [.. records.Select(record => Describe(record, sources))];
    }

    /// <remarks>A job that is made in the same moment finds the data set gone when it runs, and fails as unknown_dataset.</remarks>
    public async Task<OmlResult<DatasetOverview>> DeleteAsync(string id, bool force, CancellationToken cancellationToken)
    {
        if (await datasets.FindAsync(id, cancellationToken) is not { } record)
            return Unknown(id);
        var (open, sources) = await removal.ReadNeedsAsync(cancellationToken);
        if (open.UserOf(record) is { } job)
            return OmlError.Conflict($"Job '{job}' reads or writes data set '{id}' and has not ended; wait for its end, or cancel it.", job, "dataset_in_use");
        if (!force && await NeedingAsync(record, sources, cancellationToken) is { } version)
        {
            return OmlError.Conflict(
                $"Version {version.Version} of model '{version.Model}' was learned from data set '{id}' and cannot be made again without it. Delete it with force=true, and the version's lineage says that it is gone.",
                $"{version.Model}/{version.Version}", "dataset_named");
        }

        return await datasets.DeleteAsync(id, cancellationToken) is { } deleted ? Describe(deleted, sources) : Unknown(id);
    }

    public async Task<OmlResult<Stream>> OpenAsync(string id, CancellationToken cancellationToken)
    {
        if (await datasets.FindAsync(id, cancellationToken) is not { } record)
            return Unknown(id);
        try
        {
            return datasets.OpenContent(record);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return OmlError.Unavailable("content_missing", $"The content of data set '{id}' (SHA-256 {record.Hash}) is gone: {exception.Message}");
        }
    }

    /// <summary>The result of a job that made a data set.</summary>
    internal static string ResultOf(DatasetRecord record) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["dataset"] = record.Id,
        ["rows"] = record.Rows,
        ["bytes"] = record.Bytes,
        ["hash"] = record.Hash,
    });

    internal static OmlError Unknown(string id) => OmlError.NotFound("unknown_dataset", $"There is no data set '{id}'; POST /api/v1/datasets makes one.");

    private static DatasetOverview Describe(DatasetRecord record, VersionSources sources) =>
        new(record, [.. sources.LearnedFrom(record).Select(version => new ModelVersionId(version.Manifest.Model, version.Manifest.Version)).OrderBy(version => version.Model, StringComparer.Ordinal).ThenBy(version => version.Version)]);

    /// <summary>A version that names it, or that was learned from its content, of which it is the last.</summary>
    private async Task<VersionManifest?> NeedingAsync(DatasetRecord record, VersionSources sources, CancellationToken cancellationToken)
    {
        if ((sources.Naming(record) ?? sources.LearnedFrom(record).FirstOrDefault()) is not { } version)
            return null;
        return sources.Naming(record) is not null || !await datasets.IsSharedAsync(record, cancellationToken) ? version.Manifest : null;
    }

    private async Task<OmlResult<DatasetRecord>> TakeAsync(string id, string scratch, DatasetUpload upload, CancellationToken cancellationToken)
    {
        await using var file = datasets.CreateScratch(scratch);
        await using var taken = new TakenStream(upload.Content, file, options.MaxDatasetBytes);
        using var rows = RowReader.Open(upload.Format, taken, options.MaxRowBytes);
        try
        {
            await rows.ReadHeaderAsync(cancellationToken);
            var schema = new SchemaBuilder(rows.Header);
            while (await rows.NextAsync(cancellationToken))
                schema.AddRow(rows);
            if (schema.Rows == 0)
                return OmlError.Invalid($"The {upload.Format} file has no rows; send at least one.", "no_rows");
            return new DatasetRecord
            {
                Id = id,
                Format = upload.Format,
                Rows = schema.Rows,
                Bytes = taken.Taken,
                Hash = taken.Hash(),
                Columns = schema.Build(),
                Created = clock.GetUtcNow().UtcDateTime,
                Name = upload.Name,
                Job = Guid.CreateVersion7().ToString("n"),
                Kind = DatasetRecord.SentKind,
            };
        }
        catch (DataFaultException exception)
        {
            return exception.ToError();
        }
        catch (TakenStream.TooLargeException exception)
        {
            return new OmlError("too_large", 413, exception.Message);
        }
        catch (IOException exception) when (exception.HResult is unchecked((int)0x80070070) or 28)
        {
            return OmlError.Unavailable("no_capacity", string.Create(CultureInfo.InvariantCulture, $"The disk is full after {taken.Taken} bytes of the file: {exception.Message}"));
        }
    }
}
