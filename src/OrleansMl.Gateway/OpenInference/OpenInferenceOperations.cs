using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Serving;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// Health and metadata of the Open Inference Protocol v2 over REST. Content types and query strings are not looked at: its clients
/// send neither reliably.
/// </summary>
internal sealed class OpenInferenceOperations(InferenceDataPlane plane, Readiness readiness, IOptions<GatewayOptions> options) : IOperationGroup
{
    public const string VersionHeader = "X-Model-Version";

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
    ];

    private Task ServerAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, options.Value, static (writer, settings) =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, settings.ServerName);
        writer.WriteString("version"u8, settings.ProductVersion);
        writer.WriteStartArray("extensions"u8);
        foreach (var extension in InferenceDataPlane.Extensions)
            writer.WriteStringValue(extension);
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
        var served = await plane.DescribeAsync(RouteValues.Model(context), VersionOf(context), context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, served, static (writer, model) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, model.Manifest.Model);
            writer.WriteStartArray("versions"u8);
            foreach (var version in model.Versions.IsDefault ? [] : model.Versions)
                writer.WriteVersionValue(version);
            writer.WriteEndArray();
            writer.WriteString("platform"u8, model.Config.Message.Platform);
            writer.WriteArray("inputs"u8, model.Inputs, ModelJson.WriteTensor);
            writer.WriteArray("outputs"u8, model.Outputs, ModelJson.WriteTensor);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task ModelReadyAsync(HttpContext context)
    {
        var model = RouteValues.Model(context);
        var whyNot = await plane.WhyNotReadyAsync(model, VersionOf(context), context.RequestAborted).ConfigureAwait(false);
        SetRetryAfter(context, whyNot);
        await JsonAnswer.WriteAsync(context, whyNot is null ? 200 : 503, (Model: model, WhyNot: whyNot), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, state.Model);
            writer.WriteBoolean("ready"u8, state.WhyNot is null);
            if (state.WhyNot is not null)
                writer.WriteString("error"u8, state.WhyNot);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static string? VersionOf(HttpContext context) => InferenceDataPlane.ReadVersion(context.Request.RouteValues["version"] as string);

    private static void SetRetryAfter(HttpContext context, string? whyNot)
    {
        if (whyNot is not null)
            context.Response.Headers.RetryAfter = ErrorWriter.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
    }
}
