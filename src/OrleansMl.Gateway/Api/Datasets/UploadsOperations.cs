using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansMl.Datasets;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Jobs;
using OrleansMl.Jobs.Uploads;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Files of events, attributes, outcomes and corrections. The body goes to a file as it comes; a job takes its rows in.</summary>
internal sealed class UploadsOperations(IDatasetService datasets, IJobService jobs) : IOperationGroup
{
    private const GatewayRoles Senders = GatewayRoles.Ingest | GatewayRoles.Label;

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/uploads", Senders, UploadAsync, "Upload a CSV or NDJSON file of events, attributes, outcomes or corrections; a job takes its rows in.")
        {
            // For an Idempotency-Key, which has the body in memory; without one the limit is Jobs:MaxDatasetBytes.
            BodyLimit = BodyLimit.Large,
            Query =
            [
                new("kind", "events or attributes (role ingest), outcomes or corrections (role label)."), new("entityType", "Type of the entities, where rows do not say it."),
                new("eventType", "Type of the events, where rows do not say it."), new("format", "csv or ndjson, where neither content type nor file name say so."), new("name", "Name of the file, where it comes without a name."),
            ],
            Request = [new(MediaTypes.Multipart, "DatasetUpload"), new("text/csv", "Bytes"), new(JsonAnswer.Ndjson, "Bytes")],
            Answers = [new(202, "The job, with its address in Location.", "Job")],
            Errors = [404, 503],
        },
        new("GET", "/api/v1/uploads/{id}/faults", Senders | GatewayRoles.Operate, FaultsAsync, "The rows of an upload that were rejected: row, line, column, code, detail. 204 where there are none.")
        {
            Answers = [new(200, "All of them.", "Bytes", "text/csv"), new(200, "All of them.", "Bytes", JsonAnswer.Ndjson), new(204, "No row was rejected.", "Empty")],
            Errors = [404, 409, 503],
        },
    ];

    private async Task UploadAsync(HttpContext context)
    {
        var query = new QueryValues(context, "kind", "entityType", "eventType", "format", "name");
        var kind = query.Text("kind") ?? throw QueryValues.Invalid("The query parameter kind is missing; give events, attributes, outcomes or corrections.");
        if (!UploadKinds.IsKnown(kind))
            throw QueryValues.Invalid($"The query parameter kind is '{kind}'; give events, attributes, outcomes or corrections.");
        KeyRing.DemandToo(context, kind is UploadKinds.Events or UploadKinds.Attributes ? GatewayRoles.Ingest : GatewayRoles.Label);
        var parameters = UploadKinds.ParamsOf(kind, NameOf(query, "entityType"), NameOf(query, "eventType"));
        var (content, format, name) = await DatasetBody.OpenAsync(context, query.Text("format"), query.Text("name"), allowCodings: true).ConfigureAwait(false);
        var by = KeyRing.CallerOf(context);
        JobStatus stored;
        try
        {
            stored = (await datasets.UploadAsync(new DatasetUpload(content, format, name, by), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        }
        catch (InvalidDataException)
        {
            throw new ApiException(400, "invalid", $"The body is not {context.Request.Headers.ContentEncoding}, as its Content-Encoding says, or is cut short.");
        }

        var job = await jobs.CreateAsync(new JobSpec { Kind = UploadKinds.JobKind, Dataset = stored.Spec.Dataset, Params = parameters, By = by }, context.RequestAborted).ConfigureAwait(false);
        await JobsOperations.AcceptAsync(context, job.OrThrow()).ConfigureAwait(false);
    }

    private async Task FaultsAsync(HttpContext context)
    {
        var id = RouteValues.Id(context);
        var job = (await jobs.GetAsync(id, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        if (job.Spec.Kind != UploadKinds.JobKind)
            throw new ApiException(404, "unknown_upload", $"Job '{id}' is a '{job.Spec.Kind}', no upload; POST /api/v1/uploads makes one.");
        if (job.Result is null)
            throw new ApiException(409, "not_ready", $"Upload '{id}' is {JobJson.NameOf(job.State)}: its faults can be had when it has succeeded.");
        if (FaultsOf(job.Result) is not { } dataset)
        {
            context.Response.StatusCode = 204;
            return;
        }

        var record = (await datasets.GetAsync(dataset, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var content = (await datasets.OpenAsync(dataset, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await TypedResults.Stream(content, DatasetFormats.MediaTypeOf(record.Format), record.Name).ExecuteAsync(context).ConfigureAwait(false);
    }

    private static string? FaultsOf(string result)
    {
        using var document = JsonDocument.Parse(result);
        return document.RootElement.GetProperty("faults") is { ValueKind: JsonValueKind.Object } faults ? faults.GetProperty("dataset").GetString() : null;
    }

    private static string? NameOf(QueryValues query, string parameter) => query.Text(parameter) is not { } name || Names.IsName(name)
        ? query.Text(parameter)
        : throw QueryValues.Invalid($"The query parameter {parameter} is '{name}'; a name matches {Names.Pattern}.");
}
