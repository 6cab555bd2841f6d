using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>POST /features/read, GET /entities/{t}/{id}/features, GET and PUT /entities/{t}/{id}/attributes.</summary>
internal sealed class FeaturesOperations(IIngestService ingest, IOptions<GatewayOptions> options) : IOperationGroup
{
    /// <summary>Segments of <c>/api/v1/entities/{type}/{id}/features</c>.</summary>
    private const int EntitySegments = 6;

    private static readonly MemberTable Members = new("entity", "views", "features", "asOf");

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/features/read", GatewayRoles.Predict, ReadAsync, "Read features of one entity, now or as they were known at a time.")
        {
            Request = [new(JsonAnswer.Json, "FeatureRead")],
            Answers = [new(200, "The reading.", "FeatureReading")],
            Errors = [404],
        },
        new("GET", "/api/v1/entities/{type}/{id}/features", GatewayRoles.Predict, GetFeaturesAsync, "Features of one entity.")
        {
            Query = [new("features", "Names, separated by commas; none: all."), new("views", "Names of views, separated by commas."), new("asOf", "As known at this time.")],
            Answers = [new(200, "The reading.", "FeatureReading")],
            Errors = [404],
        },
        new("GET", "/api/v1/entities/{type}/{id}/attributes", GatewayRoles.Predict, GetAttributesAsync, "Attributes of one entity as last set.")
        {
            Answers = [new(200, "The attributes.", "FeatureReading")],
            Errors = [404],
        },
        new("PUT", "/api/v1/entities/{type}/{id}/attributes", GatewayRoles.Ingest, PutAttributesAsync, "Set attributes; null removes one, those not named stay.")
        {
            Request = [new(JsonAnswer.Json, "Attributes")],
            Answers = [new(200, "The attributes as they are now.", "FeatureReading")],
            Errors = [404],
        },
    ];

    /// <summary>Reads what to read.</summary>
    internal static (EntityId Entity, FeatureQuery Query) Read(ref StrictReader reader)
    {
        reader.ExpectObject("The body");
        ulong seen = 0;
        EntityId? entity = null;
        ImmutableArray<string> views = [], features = [];
        DateTime? asOf = null;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    entity = BodyValues.ReadEntity(ref reader, "entity");
                    break;
                case 1:
                    views = reader.IsNull ? [] : BodyValues.ReadStrings(ref reader, "views");
                    break;
                case 2:
                    features = reader.IsNull ? [] : BodyValues.ReadStrings(ref reader, "features");
                    break;
                default:
                    asOf = BodyValues.ReadTimeOrNull(ref reader, "asOf");
                    break;
            }
        }

        if (entity is not { } whose)
            throw reader.Missing("entity", "{\"type\": …, \"id\": …}");
        if (!views.IsEmpty && !features.IsEmpty)
            throw reader.Fault("invalid", "views and features are both given; give one of them.");
        return (whose, Query(views, features, asOf));
    }

    private async Task ReadAsync(HttpContext context)
    {
        MediaTypes.DemandJson(context);
        (EntityId Entity, FeatureQuery Query) read;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
            read = StrictReader.Parse(body.Span, Read);
        await AnswerAsync(context, await ingest.ReadFeaturesAsync(read.Entity, read.Query, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task GetFeaturesAsync(HttpContext context)
    {
        var query = new QueryValues(context, "features", "views", "asOf");
        var views = Names(query.Text("views"));
        var features = Names(query.Text("features"));
        if (!views.IsEmpty && !features.IsEmpty)
            throw QueryValues.Invalid("views and features are both given; give one of them.");
        var entity = RouteValues.Entity(context, EntitySegments);
        await AnswerAsync(context, await ingest.ReadFeaturesAsync(entity, Query(views, features, query.Time("asOf")), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task GetAttributesAsync(HttpContext context)
        => await AnswerAsync(context, await ingest.ReadAttributesAsync(RouteValues.Entity(context, EntitySegments), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task PutAttributesAsync(HttpContext context)
    {
        MediaTypes.DemandJson(context);
        var entity = RouteValues.Entity(context, EntitySegments);
        ImmutableArray<NamedValue> attributes;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
            attributes = StrictReader.Parse(body.Span, static (ref StrictReader reader) => BodyValues.ReadValues(ref reader, "The attributes"));
        if (attributes.IsEmpty)
            throw new ApiException(400, "invalid", "The body names no attribute; give {\"attribute\": value}, null removes one.");
        var outcome = (await ingest.SetAttributesAsync(entity, attributes, id: null, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        if (outcome.Status == AppendStatus.Rejected)
            throw ApiException.From(outcome.Fault ?? new OmlFault("invalid", "The attributes are rejected."));
        await AnswerAsync(context, await ingest.ReadAttributesAsync(entity, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static Task AnswerAsync(HttpContext context, OmlResult<FeatureReading> reading)
        => JsonAnswer.WriteAsync(context, 200, reading.OrThrow(), PredictionJson.WriteReading);

    private static FeatureQuery Query(ImmutableArray<string> views, ImmutableArray<string> features, DateTime? asOf)
        => new(views.IsEmpty ? features : [.. views.Select(view => view + ":*")], asOf);

    private static ImmutableArray<string> Names(string? list)
        => list is null ? [] : [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
