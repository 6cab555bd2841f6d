using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Shares of a model's calls by version, and shadows.</summary>
internal sealed class TrafficOperations(IControlService control, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly MemberTable Members = new("expected", "split", "shadow", "sticky");
    private static readonly MemberTable ShareMembers = new("version", "weight");

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models/{model}/traffic", GatewayRoles.Predict, GetAsync, "Which versions answer calls that name none, and which see copies.")
        {
            Answers = [new(200, "The traffic.", "Traffic")],
            Errors = [404],
        },
        new("PUT", "/api/v1/models/{model}/traffic", GatewayRoles.Operate, SetAsync, "Split the calls that name no version among versions, or shadow them. The versions are loaded first.")
        {
            Request = [new(JsonAnswer.Json, "TrafficChange")],
            Answers = [new(200, "The traffic as it is now.", "Traffic")],
            Errors = [404, 409, 503],
        },
    ];

    public static void Write(Utf8JsonWriter writer, Traffic traffic)
    {
        writer.WriteStartArray("split"u8);
        foreach (var share in traffic.Split)
        {
            writer.WriteStartObject();
            writer.WriteVersion("version"u8, share.Version);
            writer.WriteNumber("weight"u8, share.Weight);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("shadow"u8);
        foreach (var version in traffic.Shadow)
            writer.WriteVersionValue(version);
        writer.WriteEndArray();
        writer.WriteString("sticky"u8, traffic.IsSticky ? "entity" : null);
    }

    private async Task GetAsync(HttpContext context)
    {
        var model = (await control.GetModelAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await AnswerAsync(context, new TrafficResult(model.Traffic ?? new Traffic([], [], false), model.PlanRevision)).ConfigureAwait(false);
    }

    private async Task SetAsync(HttpContext context)
    {
        var change = await JsonBody.ReadAsync(context, options.Value.MaxBodyBytes, Read).ConfigureAwait(false);
        if (change.Traffic.WhyNot() is { } why)
            throw new ApiException(400, "invalid_traffic", why);
        await AnswerAsync(context, (await control.SetTrafficAsync(RouteValues.Model(context), change with { By = KeyRing.CallerOf(context) }, context.RequestAborted).ConfigureAwait(false)).OrThrow()).ConfigureAwait(false);
    }

    private static Task AnswerAsync(HttpContext context, TrafficResult result) => JsonAnswer.WriteAsync(context, 200, result, static (writer, state) =>
    {
        writer.WriteStartObject();
        Write(writer, state.Traffic);
        writer.WriteNumber("planRevision"u8, state.PlanRevision);
        writer.WriteEndObject();
    });

    private static TrafficChange Read(ref StrictReader reader)
    {
        reader.ExpectObject("The body");
        ulong seen = 0;
        long? expected = null;
        var split = ImmutableArray.CreateBuilder<TrafficShare>();
        var shadow = ImmutableArray.CreateBuilder<int>();
        var sticky = false;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    expected = reader.ReadInt64("expected");
                    break;
                case 1:
                    reader.ExpectArray("split");
                    while (reader.NextElement())
                        split.Add(ReadShare(ref reader));
                    break;
                case 2:
                    reader.ExpectArray("shadow");
                    while (reader.NextElement())
                        shadow.Add(BodyValues.ReadVersion(ref reader, "A shadow"));
                    break;
                default:
                    sticky = reader.ReadStringOrNull("sticky") switch
                    {
                        null => false,
                        "entity" => true,
                        _ => throw reader.Fault("invalid", $"sticky is {reader.Excerpt()}; give \"entity\", or null for none."),
                    };
                    break;
            }
        }

        if (expected is not { } revision)
            throw reader.Missing("expected", "the planRevision that the change was decided on (GET the traffic)");
        return new TrafficChange(revision, new Traffic(split.DrainToImmutable(), shadow.DrainToImmutable(), sticky), "");
    }

    private static TrafficShare ReadShare(ref StrictReader reader)
    {
        reader.ExpectObject("A share of the split");
        ulong seen = 0;
        int? version = null;
        double? weight = null;
        for (int member; (member = reader.NextMember(ShareMembers, ref seen)) >= 0;)
        {
            if (member == 0)
                version = BodyValues.ReadVersion(ref reader, "version");
            else
                weight = reader.ReadDouble("weight");
        }

        return new TrafficShare(version ?? throw reader.Missing("version", "the version"), weight ?? throw reader.Missing("weight", "its share of the calls"));
    }
}
