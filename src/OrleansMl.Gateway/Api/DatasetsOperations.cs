using Microsoft.AspNetCore.Http;
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
        var (content, format, name) = await DatasetBody.OpenAsync(context, query.Text("format"), query.Text("name"), allowCodings: false).ConfigureAwait(false);
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
}
