using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Rollouts: a candidate's way from shadow over shares of the calls to all of them.</summary>
internal sealed class RolloutsOperations(IControlService control, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly MemberTable Members = new("candidate", "reason");

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models/{model}/rollouts", GatewayRoles.Predict, ListAsync, "The last 100 rollouts of a model, oldest first.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "RolloutPage")],
            Errors = [404],
        },
        new("POST", "/api/v1/models/{model}/rollouts", GatewayRoles.Operate, StartAsync, "Roll a version out. It is loaded first; one rollout of a model is under way at a time.")
        {
            Request = [new(JsonAnswer.Json, "RolloutRequest")],
            Answers = [new(201, "The rollout.", "Rollout")],
            Errors = [404, 409, 503],
        },
        new("GET", "/api/v1/models/{model}/rollouts/{rollout}", GatewayRoles.Predict, GetAsync, "One rollout with its stages and their evidence.")
        {
            Answers = [new(200, "The rollout.", "Rollout")],
            Errors = [404],
        },
        Command("pause", "Stay at this stage; guardrails and losses still end it."),
        Command("resume", "Go on."),
        Command("abort", "Give all calls back to the champion."),
    ];

    private Operation Command(string command, string summary)
        => new("POST", "/api/v1/models/{model}/rollouts/{rollout}/" + command, GatewayRoles.Operate, context => CommandAsync(context, command), summary)
        {
            Answers = [new(200, "The rollout after it.", "Rollout")],
            Errors = [404, 409],
        };

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var all = (await control.GetRolloutsAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await Paging.AnswerAsync(context, Paging.Of(all.IsDefault ? [] : all, rollout => Paging.Key(rollout.Id), query), RolloutJson.Write).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
    {
        var model = RouteValues.Model(context);
        var text = (string)context.Request.RouteValues["rollout"]!;
        var all = (await control.GetRolloutsAsync(model, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var found = BodyValues.TryVersion(text, out var id) && !all.IsDefault ? all.FirstOrDefault(rollout => rollout.Id == id) : null;
        await JsonAnswer.WriteAsync(context, 200, found ?? throw Unknown(model, text), RolloutJson.Write).ConfigureAwait(false);
    }

    private async Task StartAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, options.Value.MaxBodyBytes, ReadRequest).ConfigureAwait(false);
        var rollout = (await control.StartRolloutAsync(RouteValues.Model(context), request with { By = KeyRing.CallerOf(context) }, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 201, rollout, RolloutJson.Write).ConfigureAwait(false);
    }

    private async Task CommandAsync(HttpContext context, string command)
    {
        var model = RouteValues.Model(context);
        var text = (string)context.Request.RouteValues["rollout"]!;
        if (!BodyValues.TryVersion(text, out var id))
            throw Unknown(model, text);
        var rollout = (await control.CommandRolloutAsync(model, id, command, KeyRing.CallerOf(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 200, rollout, RolloutJson.Write).ConfigureAwait(false);
    }

    private static ApiException Unknown(string model, string rollout) =>
        new(404, "unknown_rollout", $"Model '{model}' has no rollout '{rollout}'; GET /api/v1/models/{model}/rollouts lists them.");

    private static RolloutRequest ReadRequest(ref StrictReader reader)
    {
        reader.ExpectObject("The body");
        ulong seen = 0;
        int? candidate = null;
        string? reason = null;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            if (member == 0)
                candidate = BodyValues.ReadVersion(ref reader, "candidate");
            else
                reason = reader.ReadString("reason");
        }

        if (candidate is not { } version)
            throw reader.Missing("candidate", "the version to roll out");
        if (string.IsNullOrWhiteSpace(reason))
            throw reader.Missing("reason", "why, for the log");
        return new RolloutRequest(version, reason, "");
    }
}
