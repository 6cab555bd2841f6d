using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Models and their aliases.</summary>
internal sealed class ModelsOperations(IControlService control, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly MemberTable SetMembers = new("version", "expected", "reason");
    private static readonly MemberTable RemoveMembers = new("expected", "reason");

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models", GatewayRoles.Predict, ListAsync, "All models.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "ModelPage")],
        },
        new("GET", "/api/v1/models/{model}", GatewayRoles.Predict, GetAsync, "One model with its versions and aliases.")
        {
            Answers = [new(200, "The model.", "Model")],
            Errors = [404],
        },
        new("GET", "/api/v1/models/{model}/aliases", GatewayRoles.Predict, AliasesAsync, "Aliases of a model.")
        {
            Answers = [new(200, "The aliases.", "AliasList")],
            Errors = [404],
        },
        new("PUT", "/api/v1/models/{model}/aliases/{alias}", GatewayRoles.Operate, SetAliasAsync, "Point an alias at a version: it is loaded, then swapped.")
        {
            Request = [new(JsonAnswer.Json, "AliasChange")],
            Answers = [new(200, "The alias as it is now.", "Alias")],
            Errors = [404, 409, 503],
        },
        new("DELETE", "/api/v1/models/{model}/aliases/{alias}", GatewayRoles.Operate, RemoveAliasAsync, "Remove an alias.")
        {
            Query = [new("expected", "The version that it names now; or say it in the body.")],
            Request = [new(JsonAnswer.Json, "AliasRemoval")],
            RequestOptional = true,
            Answers = [new(200, "The alias as it was.", "Alias")],
            Errors = [404, 409],
        },
    ];

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var models = await control.ListModelsAsync(context.RequestAborted).ConfigureAwait(false);
        await Paging.AnswerAsync(context, Paging.Of(models, model => model.Name, query), ModelJson.WriteModel).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
        => await JsonAnswer.WriteAsync(context, 200, await FindAsync(context).ConfigureAwait(false), ModelJson.WriteModel).ConfigureAwait(false);

    private async Task AliasesAsync(HttpContext context)
    {
        var model = await FindAsync(context).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, model, static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            foreach (var (alias, version) in state.Aliases)
            {
                writer.WriteStartObject();
                writer.WriteString("alias"u8, alias);
                writer.WriteVersion("version"u8, version);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNull("nextPageToken"u8);
            writer.WriteNumber("planRevision"u8, state.PlanRevision);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task SetAliasAsync(HttpContext context)
    {
        var alias = Alias(context);
        var change = await JsonBody.ReadAsync(context, options.Value.MaxBodyBytes, ReadChange).ConfigureAwait(false);
        await AnswerAsync(context, change with { Alias = alias, By = KeyRing.CallerOf(context) }).ConfigureAwait(false);
    }

    private async Task RemoveAliasAsync(HttpContext context)
    {
        var alias = Alias(context);
        var query = new QueryValues(context, "expected");
        var expected = query.Version("expected");
        var removal = await JsonBody.ReadIfAnyAsync(context, options.Value.MaxBodyBytes, ReadRemoval).ConfigureAwait(false);
        if (expected is not null && removal.Expected is not null && expected != removal.Expected)
            throw new ApiException(400, "invalid", $"expected is {expected} in the query and {removal.Expected} in the body; give it once.");
        expected ??= removal.Expected;
        if (expected is null)
            throw new ApiException(400, "invalid", "expected is missing; give the version that the alias names now, as ?expected=2 or {\"expected\": \"2\"}.");
        await AnswerAsync(context, new AliasChange(alias, null, expected, removal.Reason, KeyRing.CallerOf(context))).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, AliasChange change)
        => await JsonAnswer.WriteAsync(context, 200, (await control.SetAliasAsync(RouteValues.Model(context), change, context.RequestAborted).ConfigureAwait(false)).OrThrow(), ModelJson.WriteAlias).ConfigureAwait(false);

    private async Task<ModelInfo> FindAsync(HttpContext context)
        => (await control.GetModelAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();

    private static string Alias(HttpContext context)
    {
        var alias = RawPath.Segment(context, 5, 6);
        return OrleansMl.Names.IsName(alias)
            ? alias
            : throw new ApiException(400, "invalid_name", $"The alias '{alias}' is not a name; a name matches {OrleansMl.Names.Pattern}.");
    }

    private static AliasChange ReadChange(ref StrictReader reader)
    {
        reader.ExpectObject("The body");
        ulong seen = 0;
        int? version = null, expected = null;
        string? reason = null;
        for (int member; (member = reader.NextMember(SetMembers, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    version = BodyValues.ReadVersion(ref reader, "version");
                    break;
                case 1:
                    expected = reader.IsNull ? null : BodyValues.ReadVersion(ref reader, "expected");
                    break;
                default:
                    reason = reader.ReadStringOrNull("reason");
                    break;
            }
        }

        if (version is null)
            throw reader.Missing("version", "the version that the alias shall name");
        if ((seen & 2) == 0)
            throw reader.Missing("expected", "the version that it names now, null for none");
        return new AliasChange("", version, expected, reason, "");
    }

    private static (int? Expected, string? Reason) ReadRemoval(ref StrictReader reader)
    {
        reader.ExpectObject("The body");
        ulong seen = 0;
        int? expected = null;
        string? reason = null;
        for (int member; (member = reader.NextMember(RemoveMembers, ref seen)) >= 0;)
        {
            if (member == 0)
                expected = reader.IsNull ? null : BodyValues.ReadVersion(ref reader, "expected");
            else
                reason = reader.ReadStringOrNull("reason");
        }

        return (expected, reason);
    }
}
