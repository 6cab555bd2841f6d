using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Retraining.Schedules;

namespace OrleansMl.Gateway.Api;

/// <summary>When a model is retrained.</summary>
internal sealed class RetrainingOperations(IRetrainScheduleService retraining) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models/{model}/retraining", GatewayRoles.Predict, GetAsync, "The triggers that retrain a model, and what each has begun.")
        {
            Answers = [new(200, "The triggers.", "Retraining")],
            Errors = [404],
        },
        new("POST", "/api/v1/models/{model}/retraining/pause", GatewayRoles.Operate, PauseAsync, "Begin no retraining until it is resumed; one that runs goes on.")
        {
            Answers = [new(200, "The triggers after it.", "Retraining")],
            Errors = [404],
        },
        new("POST", "/api/v1/models/{model}/retraining/resume", GatewayRoles.Operate, ResumeAsync, "Begin retrainings again; cron times and alarms of the pause are passed over.")
        {
            Answers = [new(200, "The triggers after it.", "Retraining")],
            Errors = [404],
        },
    ];

    private async Task GetAsync(HttpContext context) =>
        await AnswerAsync(context, await retraining.GetAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task PauseAsync(HttpContext context) =>
        await AnswerAsync(context, await retraining.PauseAsync(RouteValues.Model(context), KeyRing.CallerOf(context), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task ResumeAsync(HttpContext context) =>
        await AnswerAsync(context, await retraining.ResumeAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private static Task AnswerAsync(HttpContext context, OmlResult<RetrainingStatus> status) => JsonAnswer.WriteAsync(context, 200, status.OrThrow(), RetrainingJson.Write);
}
