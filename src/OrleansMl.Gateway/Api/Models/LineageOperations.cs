using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;
using OrleansMl.Retraining;

namespace OrleansMl.Gateway.Api;

/// <summary>What versions come from, and what came of versions and data sets.</summary>
internal sealed class LineageOperations(ILineageService lineages) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models/{model}/versions/{version}/lineage", GatewayRoles.Predict, GetAsync, "What a version was made from: job, data set, trainer, seed, parent; and the versions that came of it.")
        {
            Answers = [new(200, "The lineage; its members are null where no job has learned the version.", "VersionLineage")],
            Errors = [404],
        },
        new("GET", "/api/v1/datasets/{id}/lineage", GatewayRoles.Operate, ListAsync, "Versions that were learned from a data set, or from another of the same content, by model and version.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "VersionLineagePage")],
            Errors = [404],
        },
    ];

    private async Task GetAsync(HttpContext context) =>
        await JsonAnswer.WriteAsync(context, 200, (await lineages.GetAsync(RouteValues.Model(context), RouteValues.Version(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), Write).ConfigureAwait(false);

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var all = (await lineages.ListOfDatasetAsync(RouteValues.Id(context), context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var page = Paging.Of(all, origin => origin.Version.Manifest.Model + " " + Paging.Key(origin.Version.Manifest.Version), query);
        await Paging.AnswerAsync(context, page, Write).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter writer, VersionOrigin origin)
    {
        var manifest = origin.Version.Manifest;
        var lineage = manifest.Lineage;
        writer.WriteStartObject();
        writer.WriteString("model"u8, manifest.Model);
        writer.WriteVersion("version"u8, manifest.Version);
        writer.WriteString("digest"u8, manifest.Digest);
        writer.WriteTime("created"u8, origin.Version.Created);
        writer.WriteVersion("parent"u8, manifest.Parent);
        writer.WriteArray("children"u8, origin.Children, JsonWriting.WriteVersionValue);
        writer.WriteString("job"u8, lineage?.Job);
        writer.WriteString("dataset"u8, lineage?.Dataset);
        writer.WriteString("datasetHash"u8, lineage?.DatasetHash);
        writer.WritePropertyName("datasetGone"u8);
        if (origin.IsDatasetGone is { } gone)
            writer.WriteBooleanValue(gone);
        else
            writer.WriteNullValue();
        writer.WriteNumberOrNull("rows"u8, lineage?.Rows);
        WriteWindow(writer, lineage);
        var declared = lineage is { Application.Length: > 0 } ? lineage : null;
        writer.WriteString("application"u8, declared?.Application);
        writer.WriteNumberOrNull("revision"u8, declared?.Revision);
        writer.WriteNumberOrNull("features"u8, declared?.Features);
        if (lineage is null)
        {
            writer.WriteNull("trainer"u8);
        }
        else
        {
            writer.WriteStartObject("trainer"u8);
            writer.WriteString("type"u8, lineage.Trainer);
            writer.WriteJson("params"u8, lineage.Parameters);
            writer.WriteEndObject();
        }

        writer.WriteNumberOrNull("seed"u8, lineage?.Seed);
        writer.WriteNumberOrNull("threads"u8, lineage?.Threads);
        writer.WriteString("plan"u8, lineage?.Plan);
        writer.WriteString("code"u8, lineage?.Code);
        WriteImportances(writer, lineage);
        writer.WriteEndObject();
    }

    private static void WriteImportances(Utf8JsonWriter writer, VersionLineage? lineage)
    {
        if (lineage?.ImportanceMeasure is not { } measure)
        {
            writer.WriteNull("importances"u8);
            return;
        }

        writer.WriteStartObject("importances"u8);
        writer.WriteString("measure"u8, measure);
        writer.WriteStartArray("columns"u8);
        foreach (var one in lineage.Importances)
        {
            writer.WriteStartObject();
            writer.WriteString("column"u8, one.Column);
            writer.WriteNumber("importance"u8, one.Importance);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteWindow(Utf8JsonWriter writer, VersionLineage? lineage)
    {
        if (lineage is not ({ From: not null } or { To: not null }))
        {
            writer.WriteNull("window"u8);
            return;
        }

        writer.WriteStartObject("window"u8);
        writer.WriteTime("from"u8, lineage.From);
        writer.WriteTime("to"u8, lineage.To);
        writer.WriteEndObject();
    }
}
