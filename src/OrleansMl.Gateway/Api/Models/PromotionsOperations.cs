using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>The promotion log, promotion by hand, rollback.</summary>
internal sealed class PromotionsOperations(IControlService control, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly MemberTable Members = new("candidate", "expected", "force", "reason");
    private static readonly MemberTable RollbackMembers = new("reason");

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models/{model}/promotions", GatewayRoles.Predict, ListAsync, "The promotion log, oldest first.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "PromotionPage")],
            Errors = [404],
        },
        new("POST", "/api/v1/models/{model}/promotions", GatewayRoles.Operate, PromoteAsync, "Make a version champion.")
        {
            Request = [new(JsonAnswer.Json, "PromotionRequest")],
            Answers = [new(200, "The entry of the log.", "Promotion")],
            Errors = [404, 409, 422, 503],
        },
        new("GET", "/api/v1/models/{model}/promotions/{promotion}", GatewayRoles.Predict, GetAsync, "One entry of the promotion log.")
        {
            Answers = [new(200, "The entry.", "Promotion")],
            Errors = [404],
        },
        new("POST", "/api/v1/models/{model}/rollback", GatewayRoles.Operate, RollbackAsync, "Make the champion before the present one champion again.")
        {
            Request = [new(JsonAnswer.Json, "RollbackRequest")],
            RequestOptional = true,
            Answers = [new(200, "The entry of the log.", "Promotion")],
            Errors = [404, 409, 503],
        },
    ];

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var all = (await control.GetPromotionsAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await Paging.AnswerAsync(context, Paging.Of(all.IsDefault ? [] : all, promotion => Paging.Key(promotion.Id), query), ModelJson.WritePromotion).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
    {
        var model = RouteValues.Model(context);
        var text = (string)context.Request.RouteValues["promotion"]!;
        var all = (await control.GetPromotionsAsync(model, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var found = BodyValues.TryVersion(text, out var id) && !all.IsDefault ? all.FirstOrDefault(promotion => promotion.Id == id) : null;
        if (found is null)
            throw new ApiException(404, "unknown_promotion", $"Model '{model}' has no promotion '{text}'; GET /api/v1/models/{model}/promotions lists them.");
        await JsonAnswer.WriteAsync(context, 200, found, ModelJson.WritePromotion).ConfigureAwait(false);
    }

    private async Task PromoteAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, options.Value.MaxBodyBytes, ReadRequest).ConfigureAwait(false);
        var promotion = (await control.PromoteAsync(RouteValues.Model(context), request with { By = KeyRing.CallerOf(context) }, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 200, promotion, ModelJson.WritePromotion).ConfigureAwait(false);
    }

    private async Task RollbackAsync(HttpContext context)
    {
        var reason = await JsonBody.ReadIfAnyAsync(context, options.Value.MaxBodyBytes, ReadReason).ConfigureAwait(false);
        var promotion = (await control.RollbackAsync(RouteValues.Model(context), KeyRing.CallerOf(context), reason, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 200, promotion, ModelJson.WritePromotion).ConfigureAwait(false);
    }

    private static PromotionRequest ReadRequest(ref StrictReader reader)
    {
        reader.ExpectObject("The body");
        ulong seen = 0;
        int? candidate = null, expected = null;
        var force = false;
        string? reason = null;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    candidate = BodyValues.ReadVersion(ref reader, "candidate");
                    break;
                case 1:
                    expected = reader.IsNull ? null : BodyValues.ReadVersion(ref reader, "expected");
                    break;
                case 2:
                    force = reader.ReadBool("force");
                    break;
                default:
                    reason = reader.ReadString("reason");
                    break;
            }
        }

        if (candidate is not { } version)
            throw reader.Missing("candidate", "the version that shall be champion");
        if ((seen & 2) == 0)
            throw reader.Missing("expected", "the champion of now, null for none");
        if (string.IsNullOrWhiteSpace(reason))
            throw reader.Missing("reason", "why, for the log");
        return new PromotionRequest(version, expected, force, reason, "", null);
    }

    private static string? ReadReason(ref StrictReader reader)
    {
        reader.ExpectObject("The body");
        ulong seen = 0;
        string? reason = null;
        while (reader.NextMember(RollbackMembers, ref seen) >= 0)
            reason = reader.ReadStringOrNull("reason");
        return reason;
    }
}
