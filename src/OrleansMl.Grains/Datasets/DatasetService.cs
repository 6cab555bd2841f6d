using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Datasets;

/// <inheritdoc cref="IDatasetService"/>
internal sealed class DatasetService(
    IGrainFactory grains,
    IDatasetStore datasets,
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
