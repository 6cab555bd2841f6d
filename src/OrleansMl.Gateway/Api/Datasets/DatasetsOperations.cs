using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrleansMl.Datasets;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Jobs;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Data sets: upload, making, list, description, content, removal. Files go through as streams.</summary>
internal sealed class DatasetsOperations(IDatasetService datasets, IJobService jobs, IOptions<GatewayOptions> options) : IOperationGroup
{
    private const string Ndjson = "application/x-ndjson";
    private const string Csv = "text/csv";

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/datasets", GatewayRoles.Operate, CreateAsync, "Upload a CSV or NDJSON file as a data set; or make one of logged predictions, or of a spine and the features at its times.")
        {
            // For an Idempotency-Key, which has the body in memory; without one the limit is Jobs:MaxDatasetBytes.
            BodyLimit = BodyLimit.Large,
            Query =
            [
                new("format", "csv or ndjson, where neither content type nor file name say so."), new("name", "Name of the file, where it comes without a name."),
                new("features", "The file is a spine: these features, with commas between them, are joined to its rows."), new("entityType", "Of a spine: type of its entities."),
            ],
            Request = [new(MediaTypes.Multipart, "DatasetUpload"), new(Csv, "Bytes"), new(Ndjson, "Bytes"), new(JsonAnswer.Json, "DatasetRequest")],
            Answers = [new(202, "The job; of an upload it has ended. Its result names the data set.", "Job")],
            Errors = [404, 503],
        },
        new("GET", "/api/v1/datasets", GatewayRoles.Operate, ListAsync, "Data sets, newest first.")
        {
            Query = [new("kind", "Only those that a job of this kind made; file: that were sent."), new("model", "Only those that a job of this model made."), .. Paging.Query],
            Answers = [new(200, "A page.", "DatasetPage")],
        },
        new("DELETE", "/api/v1/datasets/{id}", GatewayRoles.Operate, DeleteAsync, "Remove a data set; its bytes go with the last data set of the same content.")
        {
            Query = [new("force", "true: also where a version was learned from it, which then cannot be made again.", "boolean")],
            Answers = [new(200, "The data set as it was.", "Dataset")],
            Errors = [404, 409],
        },
        new("GET", "/api/v1/datasets/{id}", GatewayRoles.Operate, GetAsync, "What a data set is, and which versions were learned from it.")
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

    private async Task CreateAsync(HttpContext context)
    {
        if (MediaTypes.Of(context) == JsonAnswer.Json)
        {
            // All of it stands in the body.
            _ = new QueryValues(context);
            JobSpec spec;
            using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
                spec = StrictReader.Parse(body.Span, DatasetJobBody.Read);
            await MakeAsync(context, spec).ConfigureAwait(false);
            return;
        }

        var query = new QueryValues(context, "format", "name", "features", "entityType");
        var (content, format, name) = await DatasetBody.OpenAsync(context, query.Text("format"), query.Text("name"), allowCodings: false).ConfigureAwait(false);
        var job = (await datasets.UploadAsync(new DatasetUpload(content, format, name, KeyRing.CallerOf(context)), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        if (query.Text("features") is { } features)
            await MakeAsync(context, DatasetJobBody.OfSpine(job.Spec.Dataset!, query.Text("entityType"), features)).ConfigureAwait(false);
        else
            await JobsOperations.AcceptAsync(context, job).ConfigureAwait(false);
    }

    private async Task MakeAsync(HttpContext context, JobSpec spec)
    {
        var made = await jobs.CreateAsync(spec with { By = KeyRing.CallerOf(context) }, context.RequestAborted).ConfigureAwait(false);
        await JobsOperations.AcceptAsync(context, made.OrThrow()).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context) =>
        await JsonAnswer.WriteAsync(context, 200, (await datasets.DescribeAsync(IdOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), JobJson.WriteOverview).ConfigureAwait(false);

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "kind", "model", "limit", "pageToken");
        var (limit, before) = (query.Limit(), (long?)null);
        if (query.Text("pageToken") is { } token)
            before = long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : throw QueryValues.Invalid($"The query parameter pageToken is '{token}'; give the nextPageToken of the page before.");
        var filter = new DatasetFilter { Kind = query.Text("kind"), Model = query.Text("model"), Before = before };
        var found = await datasets.ListAsync(filter, limit + 1, context.RequestAborted).ConfigureAwait(false);
        var next = found.Count > limit ? found[limit - 1].Dataset.Sequence.ToString(CultureInfo.InvariantCulture) : null;
        await JsonAnswer.WriteAsync(context, 200, (found.Take(limit).ToList(), next), static (writer, page) => Paging.Write(writer, page, JobJson.WriteOverview)).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        var force = new QueryValues(context, "force").Truth("force") ?? false;
        await JsonAnswer.WriteAsync(context, 200, (await datasets.DeleteAsync(IdOf(context), force, context.RequestAborted).ConfigureAwait(false)).OrThrow(), JobJson.WriteOverview).ConfigureAwait(false);
    }

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
