using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>POST /models/{m}/predict.</summary>
internal sealed class PredictOperations(IPredictionService predictions, IOptions<GatewayOptions> options, GatewayInstruments instruments) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/models/{model}/predict", GatewayRoles.Predict, PostAsync, "Ask a model about an entity; with a target the answer is durable before it leaves.")
        {
            Request = [new(JsonAnswer.Json, "PredictRequest"), new(JsonAnswer.Ndjson, "PredictRequest")],
            Answers =
            [
                new(200, "The answer.", "PredictResponse"),
                new(200, "One line for each line of the request: an answer, or a problem with its index.", "PredictLine", JsonAnswer.Ndjson),
            ],
            Errors = [404, 409, 503],
        },
    ];

    private Task PostAsync(HttpContext context) => MediaTypes.IsBatch(context) ? BatchAsync(context) : SingleAsync(context);

    private async Task SingleAsync(HttpContext context)
    {
        PredictRequest request;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
            request = StrictReader.Parse(body.Span, PredictBody.Read) with { Model = RouteValues.Model(context) };
        var response = await AskAsync(request, context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, (Response: response.OrThrow(), request.IncludeFeatures), static (writer, state) => PredictionJson.WriteResponse(writer, state.Response, state.IncludeFeatures)).ConfigureAwait(false);
    }

    private async Task BatchAsync(HttpContext context)
    {
        var model = RouteValues.Model(context);
        BatchBody<PredictRequest> batch;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
            batch = BatchBody<PredictRequest>.Read(body.Span, isBatch: true, options.Value.MaxBatchItems, PredictBody.Read);

        var lines = new Line[batch.Count];
        foreach (var fault in batch.Faults)
            lines[fault.Index!.Value] = new Line(null, false, ApiException.From(fault).Error);
        var window = new Task<OmlResult<PredictResponse>>[Math.Min(options.Value.BatchConcurrency, batch.Items.Count)];
        for (var first = 0; first < batch.Items.Count; first += window.Length)
        {
            var count = Math.Min(window.Length, batch.Items.Count - first);
            for (var i = 0; i < count; i++)
                window[i] = AskAsync(batch.Items[first + i] with { Model = model }, context.RequestAborted);
            for (var i = 0; i < count; i++)
            {
                var result = await window[i].ConfigureAwait(false);
                lines[batch.Indexes[first + i]] = result.TryGet(out var response, out var error)
                    ? new Line(response, batch.Items[first + i].IncludeFeatures, null)
                    : new Line(null, false, error);
            }
        }

        if (Array.TrueForAll(lines, line => line.Error is not null))
            throw AllFailed(lines);
        using var buffer = new PooledBuffer(lines.Length * 256);
        for (var i = 0; i < lines.Length; i++)
        {
            JsonAnswer.Render(buffer, (Line: lines[i], Index: i), static (writer, state) =>
            {
                if (state.Line.Error is { } error)
                    ErrorWriter.WriteProblem(writer, error, state.Index);
                else
                    PredictionJson.WriteResponse(writer, state.Line.Response!, state.Line.WithFeatures);
            });
            buffer.Write("\n"u8);
        }

        await JsonAnswer.SendAsync(context, 200, JsonAnswer.Ndjson, buffer.Memory).ConfigureAwait(false);
    }

    private async Task<OmlResult<PredictResponse>> AskAsync(PredictRequest request, CancellationToken cancellationToken)
    {
        var result = await predictions.PredictAsync(request, cancellationToken).ConfigureAwait(false);
        if (result.TryGet(out var response, out var error))
            instruments.Predicted(response.Model, response.Fallback ?? "ok");
        else
            instruments.Predicted(error.Status == 404 ? "unknown" : request.Model, error.Code);
        return result;
    }

    // One status for all lines where they agree (an unknown model is 404 for each), else 400.
    private static ApiException AllFailed(Line[] lines)
    {
        var first = lines[0].Error!;
        var agree = Array.TrueForAll(lines, line => line.Error!.Status == first.Status && line.Error.Code == first.Code);
        var faults = lines.Select((line, index) => line.Error!.Faults.IsDefaultOrEmpty
            ? new OmlFault(line.Error.Code, line.Error.Detail) { Index = index }
            : line.Error.Faults[0] with { Index = index });
        return new ApiException(new OmlError(agree ? first.Code : "invalid", agree ? first.Status : 400,
            lines.Length == 1 ? first.Detail : $"All {lines.Length} items failed; the first: {first.Detail}")
        { Faults = [.. faults] });
    }

    private readonly record struct Line(PredictResponse? Response, bool WithFeatures, OmlError? Error);
}
