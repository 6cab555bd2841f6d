using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// The core of the Open Inference Protocol v2 over JSON. Content types and query strings are not looked at: its clients
/// send neither reliably.
/// </summary>
internal sealed class OpenInferenceOperations(IInferenceService inference, Readiness readiness, IOptions<GatewayOptions> options, GatewayInstruments instruments) : IOperationGroup
{
    public const string VersionHeader = "X-Model-Version";
    private const string BinaryHeader = "Inference-Header-Content-Length";

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/v2", GatewayRoles.None, ServerAsync, "Server metadata.") { Answers = [new(200, "Name, version, extensions.", "ServerMetadata")] },
        new("GET", "/v2/health/live", GatewayRoles.None, LiveAsync, "The process answers.") { Answers = [new(200, "It does.", "Live")] },
        new("GET", "/v2/health/ready", GatewayRoles.None, ReadyAsync, "The server serves.")
        {
            Answers = [new(200, "It does.", "ServerReady"), new(503, "It does not; error says why.", "ServerReady")],
        },
        .. Model("/v2/models/{model}"),
        .. Model("/v2/models/{model}/versions/{version}"),
    ];

    private IEnumerable<Operation> Model(string path) =>
    [
        new("GET", path, GatewayRoles.Predict, MetadataAsync, "Model metadata.")
        {
            Answers = [new(200, "Versions, inputs, outputs.", "ModelMetadata")],
            Errors = [404],
        },
        new("GET", path + "/ready", GatewayRoles.None, ModelReadyAsync, "The model answers.")
        {
            Answers = [new(200, "It does.", "ModelReady"), new(503, "It does not; error says why.", "ModelReady")],
            Errors = [404],
        },
        new("POST", path + "/infer", GatewayRoles.Predict, InferAsync, "Run a model on tensors.")
        {
            BodyLimit = BodyLimit.Large,
            Request = [new(JsonAnswer.Json, "InferRequest")],
            Answers = [new(200, "The outputs.", "InferResponse")],
            Errors = [404, 422, 501, 503],
        },
    ];

    private Task ServerAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, options.Value, static (writer, settings) =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, settings.ServerName);
        writer.WriteString("version"u8, settings.ProductVersion);
        // only what is served: none of the extensions is
        writer.WriteStartArray("extensions"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static Task LiveAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, true, static (writer, live) =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("live"u8, live);
        writer.WriteEndObject();
    });

    private Task ReadyAsync(HttpContext context)
    {
        var whyNot = readiness.WhyNot();
        SetRetryAfter(context, whyNot);
        return JsonAnswer.WriteAsync(context, whyNot is null ? 200 : 503, whyNot, static (writer, why) =>
        {
            // the protocol's text says "live" here too, its OpenAPI file says nothing: both members satisfy every reader
            writer.WriteStartObject();
            writer.WriteBoolean("ready"u8, why is null);
            writer.WriteBoolean("live"u8, true);
            if (why is not null)
                writer.WriteString("error"u8, why);
            writer.WriteEndObject();
        });
    }

    private async Task MetadataAsync(HttpContext context)
    {
        var served = await DescribeAsync(context, RouteValues.Model(context), VersionOf(context)).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, served, static (writer, model) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, model.Manifest.Model);
            writer.WriteStartArray("versions"u8);
            foreach (var version in model.Versions.IsDefault ? [] : model.Versions)
                writer.WriteVersionValue(version);
            writer.WriteEndArray();
            writer.WriteString("platform"u8, "onnxruntime_onnx"u8);
            ModelJson.WriteTensors(writer, "inputs"u8, model.Manifest.Inputs);
            ModelJson.WriteTensors(writer, "outputs"u8, model.Manifest.Outputs);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task ModelReadyAsync(HttpContext context)
    {
        var served = await DescribeAsync(context, RouteValues.Model(context), VersionOf(context)).ConfigureAwait(false);
        var whyNot = served.Ready ? null : served.Reason ?? "The model is not loaded.";
        SetRetryAfter(context, whyNot);
        await JsonAnswer.WriteAsync(context, whyNot is null ? 200 : 503, (served.Manifest.Model, WhyNot: whyNot), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, state.Model);
            writer.WriteBoolean("ready"u8, state.WhyNot is null);
            if (state.WhyNot is not null)
                writer.WriteString("error"u8, state.WhyNot);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task InferAsync(HttpContext context)
    {
        var model = RouteValues.Model(context);
        var version = await ResolveAsync(context, model).ConfigureAwait(false);
        InferBody read;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxLargeBodyBytes).ConfigureAwait(false))
        {
            var binary = context.Request.Headers[BinaryHeader].ToString();
            if (binary.Length > 0 && binary != body.Length.ToString(CultureInfo.InvariantCulture))
                throw await UnsupportedAsync(context, model, version, $"The header {BinaryHeader} announces binary tensors, which this server does not serve; GET /v2 lists its extensions. Send tensors as JSON.").ConfigureAwait(false);
            read = StrictReader.Parse(body.Span, InferBody.Read);
        }

        if (read.Unsupported is not null)
            throw await UnsupportedAsync(context, model, version, read.Unsupported).ConfigureAwait(false);
        var result = await inference.InferAsync(new InferRequest(model, version, read.Inputs, read.Outputs), context.RequestAborted).ConfigureAwait(false);
        if (!result.TryGet(out var answer, out var error))
        {
            instruments.Inferred(error.Status == 404 ? "unknown" : model, error.Code);
            throw new ApiException(InProtocolWords(error));
        }

        instruments.Inferred(answer.Model, "ok");
        await JsonAnswer.WriteAsync(context, 200, (read.Id, Answer: answer), static (writer, state) =>
        {
            writer.WriteStartObject();
            if (state.Id is not null)
                writer.WriteString("id"u8, state.Id);
            writer.WriteString("model_name"u8, state.Answer.Model);
            writer.WriteVersion("model_version"u8, state.Answer.Version);
            writer.WriteStartArray("outputs"u8);
            foreach (var output in state.Answer.Outputs)
                TensorJson.Write(writer, output);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>The version of the path or the header; where both are given they must mean the same.</summary>
    private async Task<string?> ResolveAsync(HttpContext context, string model)
    {
        var path = VersionOf(context);
        var header = context.Request.Headers[VersionHeader].ToString().Trim();
        if (header.Length == 0)
            return path;
        if (path is null || path == header)
            return header;
        var meant = await DescribeAsync(context, model, header).ConfigureAwait(false);
        return meant.Manifest.Version.ToString(CultureInfo.InvariantCulture) == path
            ? path
            : throw new ApiException(400, "invalid", $"The path asks for version {path} and the header {VersionHeader} for '{header}' (version {meant.Manifest.Version}); send one of them.");
    }

    private async Task<ServedModel> DescribeAsync(HttpContext context, string model, string? version)
    {
        var result = await inference.DescribeAsync(model, version, context.RequestAborted).ConfigureAwait(false);
        return result.TryGet(out var served, out var error) ? served : throw new ApiException(InProtocolWords(error));
    }

    // A model that does not exist comes first: the request is not unsupported but lost.
    private async Task<ApiException> UnsupportedAsync(HttpContext context, string model, string? version, string detail)
    {
        var known = await inference.DescribeAsync(model, version, context.RequestAborted).ConfigureAwait(false);
        return known.TryGet(out _, out var error) || error.Status != 404
            ? new ApiException(501, "unsupported", detail)
            : new ApiException(InProtocolWords(error));
    }

    private static string? VersionOf(HttpContext context)
    {
        if (context.Request.RouteValues["version"] is not string text)
            return null;
        if (!BodyValues.TryVersion(text, out var version))
            throw new ApiException(400, "invalid", $"The version '{text}' in the path is not a number; a version is digits such as 1, aliases go into the header {VersionHeader}.");
        return version.ToString(CultureInfo.InvariantCulture);
    }

    // Clients of the ecosystem look for these words.
    private static OmlError InProtocolWords(OmlError error)
        => error.Status == 404 ? error with { Detail = "Request for unknown model: " + error.Detail } : error;

    private static void SetRetryAfter(HttpContext context, string? whyNot)
    {
        if (whyNot is not null)
            context.Response.Headers.RetryAfter = ErrorWriter.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
    }
}
