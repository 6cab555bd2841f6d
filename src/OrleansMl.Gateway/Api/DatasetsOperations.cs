using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using OrleansMl.Datasets;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;

namespace OrleansMl.Gateway.Api;

/// <summary>Data sets: upload, description, content. Bodies go through as streams.</summary>
internal sealed class DatasetsOperations(IDatasetService datasets) : IOperationGroup
{
    private const int MaxBoundaryLength = 70;
    private const string Ndjson = "application/x-ndjson";
    private const string Csv = "text/csv";

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/datasets", GatewayRoles.Operate, UploadAsync, "Upload a CSV or NDJSON file as a data set.")
        {
            // For an Idempotency-Key, which has the body in memory; without one the limit is Jobs:MaxDatasetBytes.
            BodyLimit = BodyLimit.Large,
            Query = [new("format", "csv or ndjson, where neither content type nor file name say so."), new("name", "Name of the file, where it comes without a name.")],
            Request = [new(MediaTypes.Multipart, "DatasetUpload"), new(Csv, "Bytes"), new(Ndjson, "Bytes")],
            Answers = [new(202, "The job that took it in, which has ended; its result names the data set.", "Job")],
            Errors = [503],
        },
        new("GET", "/api/v1/datasets/{id}", GatewayRoles.Operate, GetAsync, "What a data set is.")
        {
            Answers = [new(200, "The description.", "Dataset")],
            Errors = [404],
        },
        new("GET", "/api/v1/datasets/{id}/content", GatewayRoles.Operate, ContentAsync, "A data set's bytes; with Range a part of them.")
        {
            Answers = [new(200, "All of it.", "Bytes", Csv), new(200, "All of it.", "Bytes", Ndjson), new(206, "The part asked for.", "Bytes", Csv), new(206, "The part asked for.", "Bytes", Ndjson)],
            Errors = [404, 416, 503],
        },
    ];

    private async Task UploadAsync(HttpContext context)
    {
        var query = new QueryValues(context, "format", "name");
        var coding = context.Request.Headers.ContentEncoding.ToString();
        if (coding.Length > 0 && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(415, "unsupported_media_type", $"The content coding '{coding}' is not supported here; send the file uncompressed.");
        var type = MediaTypes.Of(context);
        var (content, partType, name) = type == MediaTypes.Multipart
            ? await OnlyPart.OpenAsync(context, BoundaryOf(context)).ConfigureAwait(false)
            : (context.Request.Body, type, null);
        name = query.Text("name") ?? name;
        var format = query.Text("format") ?? FormatOf(partType) ?? FormatOf(Path.GetExtension(name)) ?? throw Unknown(partType, name);
        if (!DatasetFormats.IsKnown(format))
            throw QueryValues.Invalid($"The query parameter format is '{format}'; give csv or ndjson.");
        var job = (await datasets.UploadAsync(new DatasetUpload(content, format, name, KeyRing.CallerOf(context)), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JobsOperations.AcceptAsync(context, job).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context) =>
        await JsonAnswer.WriteAsync(context, 200, (await datasets.GetAsync(IdOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), JobJson.WriteDataset).ConfigureAwait(false);

    private async Task ContentAsync(HttpContext context)
    {
        var record = (await datasets.GetAsync(IdOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var content = (await datasets.OpenAsync(record.Id, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var file = TypedResults.Stream(
            content,
            DatasetFormats.MediaTypeOf(record.Format),
            record.Name ?? $"{record.Id}.{record.Format}",
            new DateTimeOffset(record.Created, TimeSpan.Zero),
            new EntityTagHeaderValue($"\"{record.Hash}\""),
            enableRangeProcessing: true);
        await file.ExecuteAsync(context).ConfigureAwait(false);
        if (context.Response is { StatusCode: 416, HasStarted: false })
            throw new ApiException(416, "invalid_range", $"The range '{context.Request.Headers.Range}' lies beyond data set '{record.Id}', which has {record.Bytes} bytes.");
    }

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static string? FormatOf(string? typeOrExtension) => typeOrExtension?.ToLowerInvariant() switch
    {
        "text/csv" or "application/csv" or ".csv" => DatasetFormats.Csv,
        "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" or ".ndjson" or ".jsonl" => DatasetFormats.Ndjson,
        _ => null,
    };

    private static ApiException Unknown(string? type, string? name) => type is null or "application/octet-stream" or MediaTypes.Multipart
        ? new ApiException(400, "unknown_format", $"It is not said whether {(name is null ? "the file" : $"'{name}'")} is CSV or NDJSON; send the content type text/csv or application/x-ndjson, or ?format=csv.")
        : MediaTypes.Unsupported(type, "text/csv, application/x-ndjson, or multipart/form-data with one file");

    private static string BoundaryOf(HttpContext context)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(context.Request.ContentType).Boundary).Value;
        return string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength
            ? throw new ApiException(400, "invalid", $"The content type multipart/form-data has no boundary of 1 to {MaxBoundaryLength} characters; let your client set it.")
            : boundary;
    }
}
