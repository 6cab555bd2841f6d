using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Evaluations;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Jobs;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Evaluations, which are jobs, and the quality of a model as it is now.</summary>
internal sealed class EvaluationsOperations(IJobService jobs, IEvaluationService evaluations, IOptions<GatewayOptions> options) : IOperationGroup
{
    private const string Kind = "evaluate";
    private const string ParamsPointer = "/params";
    private const int DefaultLast = 2000;
    private const int MaxLast = 20_000;

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/evaluations", GatewayRoles.Operate, CreateAsync, "Evaluate a model on its logged predictions, or versions of it on a data set; a job does it.")
        {
            Request = [new(JsonAnswer.Json, "EvaluationRequest")],
            Answers = [new(202, "The job, with its address in Location.", "Job")],
            Errors = [404, 503],
        },
        new("GET", "/api/v1/evaluations", GatewayRoles.Predict, ListAsync, "Evaluations, newest first.")
        {
            Query = [new("model", "Only of this model."), .. Paging.Query],
            Answers = [new(200, "A page.", "JobPage")],
        },
        new("GET", "/api/v1/evaluations/{id}", GatewayRoles.Predict, GetAsync, "One evaluation: its job, whose result holds the figures once it has succeeded.")
        {
            Answers = [new(200, "The evaluation.", "Job")],
            Errors = [404],
        },
        new("GET", "/api/v1/models/{model}/quality", GatewayRoles.Predict, QualityAsync, "How good a model is now: prequential figures, the newest labelled predictions by version beside the baselines, calibration.")
        {
            Query = [new("last", "How many of the newest predictions count, 1 to 20000; 2000 unless given.", "integer")],
            Answers = [new(200, "The quality.", "ModelQuality")],
            Errors = [404],
        },
    ];

    private async Task CreateAsync(HttpContext context)
    {
        var spec = await JsonBody.ReadAsync(context, options.Value.MaxBodyBytes, EvaluationBody.Read).ConfigureAwait(false);
        var made = await jobs.CreateAsync(spec with { By = KeyRing.CallerOf(context) }, context.RequestAborted).ConfigureAwait(false);
        if (made.Error is { } error)
            made = error with { Faults = [.. error.Faults.Select(Here)] };
        await JobsOperations.AcceptAsync(context, made.OrThrow()).ConfigureAwait(false);
    }

    /// <summary>A job's parameters stand in the body itself here.</summary>
    private static OmlFault Here(OmlFault fault) =>
        fault.Pointer?.StartsWith(ParamsPointer + "/", StringComparison.Ordinal) == true ? fault with { Pointer = fault.Pointer[ParamsPointer.Length..] } : fault;

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "model", "limit", "pageToken");
        await JobsOperations.ListAsync(context, jobs, new JobFilter { Kind = Kind, Model = query.Text("model") }, query).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
    {
        var id = RouteValues.Id(context);
        var found = await jobs.GetAsync(id, context.RequestAborted).ConfigureAwait(false);
        if (!found.TryGet(out var job, out _) || job.Spec.Kind != Kind)
            throw new ApiException(404, "unknown_evaluation", $"There is no evaluation '{id}'; GET /api/v1/evaluations lists what there is.");
        await JsonAnswer.WriteAsync(context, 200, job, JobJson.WriteJob).ConfigureAwait(false);
    }

    private async Task QualityAsync(HttpContext context)
    {
        var query = new QueryValues(context, "last");
        var last = DefaultLast;
        if (query.Text("last") is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out last) || last is < 1 or > MaxLast))
            throw QueryValues.Invalid($"The query parameter last is '{text}'; give a number from 1 to {MaxLast}.");
        var quality = (await evaluations.GetQualityAsync(RouteValues.Model(context), last, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 200, quality, Write).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter writer, ModelQuality quality)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, quality.Model);
        writer.WriteOrNull("learner"u8, quality.Learner, LearnerOperations.Write);
        writer.WriteNumber("predictions"u8, quality.Window);
        writer.WriteStartObject("states"u8);
        foreach (var (state, count) in quality.States)
            writer.WriteNumber(state, count);
        writer.WriteEndObject();
        writer.WriteStartArray("results"u8);
        foreach (var figure in quality.Figures)
            EvaluationJson.WriteFigure(writer, figure);
        writer.WriteEndArray();
        writer.WriteStartArray("reliability"u8);
        foreach (var (version, bins) in quality.Reliability)
        {
            writer.WriteStartObject();
            writer.WriteVersion("version"u8, version);
            writer.WriteStartArray("bins"u8);
            foreach (var bin in bins)
            {
                writer.WriteStartObject();
                writer.WriteNumber("lower"u8, bin.Lower);
                writer.WriteNumber("upper"u8, bin.Upper);
                writer.WriteNumber("n"u8, bin.Count);
                writer.WriteNumberOrNull("meanProbability"u8, bin.MeanProbability);
                writer.WriteNumberOrNull("positiveRate"u8, bin.PositiveRate);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
