using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Jobs;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Long-running jobs.</summary>
internal sealed class JobsOperations(IJobService jobs, IHostApplicationLifetime lifetime, IOptions<GatewayOptions> options) : IOperationGroup
{
    /// <summary>Who sends an upload follows its job.</summary>
    private const GatewayRoles Watchers = GatewayRoles.Operate | GatewayRoles.Ingest | GatewayRoles.Label;

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/jobs", GatewayRoles.Operate, CreateAsync, "Make a job; it runs when there is a place, and goes on after a restart.")
        {
            Request = [new(JsonAnswer.Json, "JobRequest")],
            Answers = [new(202, "The job, with its address in Location.", "Job")],
            Errors = [404, 503],
        },
        new("GET", "/api/v1/jobs", GatewayRoles.Operate, ListAsync, "Jobs, newest first.")
        {
            Query = [new("kind", "Only of this kind."), new("model", "Only of this model."), new("state", "Only in this state."), .. Paging.Query],
            Answers = [new(200, "A page.", "JobPage")],
        },
        new("GET", "/api/v1/jobs/{id}", Watchers, GetAsync, "One job.")
        {
            Answers = [new(200, "The job.", "Job")],
            Errors = [404],
        },
        new("DELETE", "/api/v1/jobs/{id}", GatewayRoles.Operate, DeleteAsync, "Remove a job that has ended, with its log, its files, and the data sets that only it names.")
        {
            Answers = [new(200, "The job as it was.", "Job")],
            Errors = [404, 409],
        },
        new("POST", "/api/v1/jobs/{id}/cancel", GatewayRoles.Operate, CancelAsync, "Stop a job; one that runs stops at the next occasion.")
        {
            Answers = [new(200, "The job as it is now.", "Job")],
            Errors = [404, 409],
        },
        new("POST", "/api/v1/jobs/{id}/repeat", GatewayRoles.Operate, RepeatAsync, "Make a job that does the same again, on the same version and data set.")
        {
            Answers = [new(202, "The new job.", "Job")],
            Errors = [404, 503],
        },
        new("GET", "/api/v1/jobs/{id}/manifest", GatewayRoles.Operate, ManifestAsync, "What a job was made of, and its attempts.")
        {
            Answers = [new(200, "The manifest.", "JobManifest")],
            Errors = [404],
        },
        new("GET", "/api/v1/jobs/{id}/log", GatewayRoles.Operate, LogAsync, "What a job has said, oldest first.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "JobLogPage")],
            Errors = [404],
        },
        new("GET", "/api/v1/jobs/{id}/events", Watchers, EventsAsync, "Follow a job: events state, progress and log, until it has ended. Last-Event-ID goes on after an event; 204 when there is nothing more.")
        {
            Answers = [new(200, "Server-sent events.", "Text", "text/event-stream")],
            Errors = [404],
        },
    ];

    private async Task CreateAsync(HttpContext context)
    {
        var spec = await JsonBody.ReadAsync(context, options.Value.MaxBodyBytes, JobBody.Read).ConfigureAwait(false);
        var made = await jobs.CreateAsync(spec with { By = KeyRing.CallerOf(context) }, context.RequestAborted).ConfigureAwait(false);
        await AcceptAsync(context, made.OrThrow()).ConfigureAwait(false);
    }

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "kind", "model", "state", "limit", "pageToken");
        var state = query.Text("state");
        if (state is not (null or "queued" or "running" or "succeeded" or "failed" or "cancelled"))
            throw QueryValues.Invalid($"The query parameter state is '{state}'; give queued, running, succeeded, failed or cancelled.");
        await ListAsync(context, jobs, new JobFilter { Kind = query.Text("kind"), Model = query.Text("model"), State = state }, query).ConfigureAwait(false);
    }

    /// <summary>Answers with a page of jobs, newest first.</summary>
    /// <param name="context">The request.</param>
    /// <param name="jobs">Has them.</param>
    /// <param name="filter">Which ones, of all pages.</param>
    /// <param name="query">With limit and pageToken.</param>
    internal static async Task ListAsync(HttpContext context, IJobService jobs, JobFilter filter, QueryValues query)
    {
        var limit = query.Limit();
        var found = await jobs.ListAsync(filter with { BeforeId = query.Text("pageToken") }, limit + 1, context.RequestAborted).ConfigureAwait(false);
        await Paging.AnswerAsync(context, Paging.Cut(found, limit, job => job.Id), JobJson.WriteJob).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context) =>
        await JsonAnswer.WriteAsync(context, 200, (await jobs.GetAsync(IdOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), JobJson.WriteJob).ConfigureAwait(false);

    private async Task CancelAsync(HttpContext context) =>
        await JsonAnswer.WriteAsync(context, 200, (await jobs.CancelAsync(IdOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), JobJson.WriteJob).ConfigureAwait(false);

    private async Task DeleteAsync(HttpContext context) =>
        await JsonAnswer.WriteAsync(context, 200, (await jobs.DeleteAsync(IdOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), JobJson.WriteJob).ConfigureAwait(false);

    private async Task RepeatAsync(HttpContext context)
    {
        var made = await jobs.RepeatAsync(IdOf(context), KeyRing.CallerOf(context), context.RequestAborted).ConfigureAwait(false);
        await AcceptAsync(context, made.OrThrow()).ConfigureAwait(false);
    }

    private async Task ManifestAsync(HttpContext context)
    {
        var report = (await jobs.GetManifestAsync(IdOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 200, (report, options.Value), JobJson.WriteManifest).ConfigureAwait(false);
    }

    private async Task LogAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var limit = query.Limit();
        var lines = (await jobs.ReadLogAsync(IdOf(context), query.PlaceOfPage() ?? 0, limit + 1, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await Paging.AnswerAsync(context, Paging.Cut(lines, limit, line => line.Sequence.ToString(CultureInfo.InvariantCulture)), JobJson.WriteLogLine).ConfigureAwait(false);
    }

    private Task EventsAsync(HttpContext context) =>
        new JobEvents(context, jobs, options.Value.EventHeartbeat, lifetime.ApplicationStopping).RunAsync(IdOf(context));

    /// <summary>202, with where the job is followed.</summary>
    public static Task AcceptAsync(HttpContext context, JobStatus job)
    {
        context.Response.Headers.Location = $"/api/v1/jobs/{job.Id}";
        return JsonAnswer.WriteAsync(context, 202, job, JobJson.WriteJob);
    }

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;
}
