using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Gateway.Api;

/// <summary>GET /predictions and /predictions/{id}.</summary>
internal sealed class PredictionLogOperations(IControlService control) : IOperationGroup
{
    private const int ExportPage = 500;

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/predictions", GatewayRoles.Predict, ListAsync, "Logged predictions by time; as NDJSON or CSV all that match.")
        {
            Query =
            [
                new("model", "Name of the model."), new("version", "Version that answered."), new("entityType", "Type of the entity."),
                new("entityId", "Id of the entity; needs entityType."), new("from", "At or after this time."), new("to", "Before this time."),
                new("state", "predicted, labelled, defaulted, corrected or closed."), new("wrong", "true: only labelled ones that were wrong, needs model: of two classes, the label is on the other side of the threshold from the score; of more, it is not the most probable class; of numbers, it is further from the score than error.", "boolean"),
                new("error", "With wrong, and needed there for a regression: the absolute error above which a prediction is wrong.", "number"),
                new("limit", "Items of a page, 1 to 1000; of an export all items, no limit unless given.", "integer"), new("pageToken", "nextPageToken of the page before."),
            ],
            Answers = [new(200, "A page.", "PredictionPage"), new(200, "All that match, one on each line.", "LoggedPrediction", JsonAnswer.Ndjson), new(200, "All that match, a row each; needs model, whose vector's columns are the last ones.", "Bytes", "text/csv")],
        },
        new("GET", "/api/v1/predictions/{id}", GatewayRoles.Predict, GetAsync, "A logged prediction with its vector as served and its outcome.")
        {
            Answers = [new(200, "The prediction.", "LoggedPrediction")],
            Errors = [404],
        },
    ];

    private async Task GetAsync(HttpContext context)
    {
        var logged = await control.GetPredictionAsync(RawPath.Segment(context, 3, 4), context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, logged.OrThrow(), PredictionJson.WriteLogged).ConfigureAwait(false);
    }

    private Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "model", "version", "entityType", "entityId", "from", "to", "state", "wrong", "error", "limit", "pageToken");
        var listing = new PredictionListing
        {
            Model = query.Text("model"),
            Version = query.Version("version"),
            EntityType = query.Text("entityType"),
            EntityId = query.Text("entityId"),
            From = query.Time("from"),
            To = query.Time("to"),
            State = State(query.Text("state")),
            Wrong = query.Truth("wrong"),
            Error = Error(query.Text("error")),
            PageToken = query.Text("pageToken"),
        };
        if (listing.Wrong == false)
            throw QueryValues.Invalid("The query parameter wrong is false; give true, or leave it out.");
        if (listing.EntityId is not null && listing.EntityType is null)
            throw QueryValues.Invalid("entityId is given without entityType; give both.");
        if (listing.Error is not null && listing.Wrong is null)
            throw QueryValues.Invalid("error is given without wrong=true; give both.");
        var isCsv = MediaTypes.Accepts(context, "text/csv");
        if (isCsv && listing.Model is null)
            throw QueryValues.Invalid("CSV has the columns of a model's vector, and no model is given; give model, or ask for application/x-ndjson.");
        return isCsv || MediaTypes.Accepts(context, "ndjson", "jsonl")
            ? ExportAsync(context, listing, isCsv, query.Text("limit") is null ? long.MaxValue : query.Limit(max: int.MaxValue))
            : PageAsync(context, listing, query.Limit());
    }

    private async Task PageAsync(HttpContext context, PredictionListing listing, int limit)
    {
        // one more than the page, to know whether there is a next one
        var found = (await control.ListPredictionsAsync(listing with { Limit = limit + 1 }, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 200, (Found: found, Limit: limit), static (writer, state) =>
        {
            var count = Math.Min(state.Found.Count, state.Limit);
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            for (var i = 0; i < count; i++)
                PredictionJson.WriteLogged(writer, state.Found[i]);
            writer.WriteEndArray();
            writer.WriteString("nextPageToken"u8, state.Found.Count > count ? state.Found[count - 1].Record.PredictionId : null);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task ExportAsync(HttpContext context, PredictionListing listing, bool isCsv, long limit)
    {
        using var buffer = new PooledBuffer(64 * 1024);
        var page = (int)Math.Min(limit, ExportPage);
        var found = (await control.ListPredictionsAsync(listing with { Limit = page }, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        context.Response.ContentType = isCsv ? "text/csv; charset=utf-8" : JsonAnswer.Ndjson;
        var csv = isCsv ? new PredictionCsv(found.Count > 0 ? found[0] : null) : null;
        csv?.WriteHeader(buffer);
        while (true)
        {
            foreach (var logged in found)
            {
                if (csv is not null)
                {
                    csv.Write(buffer, logged);
                    continue;
                }

                JsonAnswer.Render(buffer, logged, PredictionJson.WriteLogged);
                buffer.Write("\n"u8);
            }

            await context.Response.Body.WriteAsync(buffer.Memory, context.RequestAborted).ConfigureAwait(false);
            buffer.Clear();
            limit -= found.Count;
            if (found.Count < page || limit <= 0)
                return;
            page = (int)Math.Min(limit, ExportPage);
            var next = listing with { Limit = page, PageToken = found[^1].Record.PredictionId };
            found = (await control.ListPredictionsAsync(next, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        }
    }

    private static double? Error(string? text) => text is null ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var error) && double.IsFinite(error) && error >= 0 ? error
        : throw QueryValues.Invalid($"The query parameter error is '{text}'; give a number of at least 0.");

    private static PredictionState? State(string? text) => text switch
    {
        null => null,
        "predicted" => PredictionState.Predicted,
        "labelled" => PredictionState.Labelled,
        "defaulted" => PredictionState.Defaulted,
        "corrected" => PredictionState.Corrected,
        "closed" => PredictionState.Closed,
        _ => throw QueryValues.Invalid($"The query parameter state is '{text}'; give predicted, labelled, defaulted, corrected or closed."),
    };
}
