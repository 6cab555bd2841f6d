using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Monitoring;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>The monitors of a model and their alarms.</summary>
internal sealed class MonitoringOperations(IMonitoringService monitoring, IOptions<GatewayOptions> options) : IOperationGroup
{
    private const int MaxBy = 128;
    private const int MaxNote = 2000;

    private static readonly MemberTable Members = new("by", "note");

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models/{model}/monitors", GatewayRoles.Predict, ListMonitorsAsync, "How each monitor of a model stands, by name.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "MonitorPage")],
            Errors = [404],
        },
        new("GET", "/api/v1/models/{model}/alarms", GatewayRoles.Predict, ListAlarmsAsync, "Alarms of drift with their evidence, newest first.")
        {
            Query =
            [
                new("monitor", "Only of this monitor."), new("state", "raised or ended."),
                new("from", "Raised at or after this time."), new("to", "Raised before this time."), .. Paging.Query,
            ],
            Answers = [new(200, "A page.", "AlarmPage")],
            Errors = [404],
        },
        new("POST", "/api/v1/models/{model}/alarms/{id}/acknowledge", GatewayRoles.Operate, AcknowledgeAsync, "Note who has seen an alarm; the first note stays.")
        {
            Request = [new(JsonAnswer.Json, "AlarmAcknowledgement")],
            RequestOptional = true,
            Answers = [new(200, "The alarm after it.", "Alarm")],
            Errors = [404],
        },
    ];

    private async Task ListMonitorsAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var monitors = (await monitoring.GetMonitorsAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await Paging.AnswerAsync(context, Paging.Of(monitors, monitor => monitor.Name, query), MonitoringJson.Write).ConfigureAwait(false);
    }

    private async Task ListAlarmsAsync(HttpContext context)
    {
        var query = new QueryValues(context, "monitor", "state", "from", "to", "limit", "pageToken");
        var filter = new AlarmFilter
        {
            Model = RouteValues.Model(context),
            Monitor = query.Text("monitor"),
            IsEnded = query.Text("state") switch
            {
                null => null,
                "raised" => false,
                "ended" => true,
                var other => throw QueryValues.Invalid($"The query parameter state is '{other}'; give raised or ended."),
            },
            From = query.Time("from"),
            To = query.Time("to"),
            Before = query.PlaceOfPage(),
        };
        var (items, next) = (await monitoring.ListAlarmsAsync(filter, query.Limit(), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await Paging.AnswerAsync(context, (items.ToList(), next?.ToString(CultureInfo.InvariantCulture)), MonitoringJson.Write).ConfigureAwait(false);
    }

    private async Task AcknowledgeAsync(HttpContext context)
    {
        var given = await JsonBody.ReadIfAnyAsync(context, options.Value.MaxBodyBytes, Read).ConfigureAwait(false);
        var acknowledged = await monitoring.AcknowledgeAsync(
            RouteValues.Model(context), RouteValues.Id(context), given.By ?? KeyRing.CallerOf(context), given.Note, context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, acknowledged.OrThrow(), MonitoringJson.Write).ConfigureAwait(false);
    }

    private static (string? By, string? Note) Read(ref StrictReader reader)
    {
        reader.ExpectObject("The acknowledgement");
        ulong seen = 0;
        (string? By, string? Note) given = default;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            if (member == 0)
                given.By = Text(ref reader, "by", MaxBy);
            else
                given.Note = Text(ref reader, "note", MaxNote);
        }

        return given;
    }

    private static string? Text(ref StrictReader reader, string name, int limit) =>
        reader.ReadStringOrNull(name) is not { } text ? null
        : text.Length > 0 && text.Length <= limit ? text
        : throw reader.Fault("invalid", $"{name} has {text.Length} characters; give 1 to {limit}, or leave it out.");
}
