using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;

namespace OrleansMl.Gateway.Api;

/// <summary>Applications: apply, list, get, delete.</summary>
internal sealed class ApplicationsOperations(IControlService control, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/applications", GatewayRoles.Admin, ApplyAsync, "Apply an application file.")
        {
            BodyLimit = BodyLimit.Application,
            Query = [new("dryRun", "Say what would change, and change nothing.", "boolean"), new("allow", "'reset': allow a change that ends what was learned; old versions stay.")],
            Request = [new(MediaTypes.Yaml, "ApplicationText"), new(JsonAnswer.Json, "Application")],
            Answers = [new(200, "Applied, or what would change.", "ApplyResult"), new(201, "Applied for the first time.", "ApplyResult")],
            Errors = [409],
        },
        new("GET", "/api/v1/applications", GatewayRoles.Predict, ListAsync, "All applications.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "ApplicationPage")],
        },
        new("GET", "/api/v1/applications/{application}", GatewayRoles.Predict, GetAsync, "One application; as YAML its source as applied.")
        {
            Answers = [new(200, "The application.", "AppliedApplication"), new(200, "The source.", "ApplicationText", MediaTypes.Yaml)],
            Errors = [404],
        },
        new("DELETE", "/api/v1/applications/{application}", GatewayRoles.Admin, DeleteAsync, "Remove an application; logs and versions stay.")
        {
            Answers = [new(200, "What was removed.", "ApplyResult")],
            Errors = [404, 409],
        },
    ];

    private async Task ApplyAsync(HttpContext context)
    {
        if (MediaTypes.Of(context) is { } type and not ("application/json" or MediaTypes.Yaml or "application/x-yaml" or "text/yaml" or "text/x-yaml" or "text/plain"))
            throw MediaTypes.Unsupported(type, "application/yaml or application/json");
        var query = new QueryValues(context, "dryRun", "allow");
        var allow = query.Text("allow");
        if (allow is not (null or "reset"))
            throw QueryValues.Invalid($"The query parameter allow is '{allow}'; known is 'reset'.");
        var dryRun = query.Truth("dryRun") ?? false;
        string source;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxApplicationBytes).ConfigureAwait(false))
            source = Text(body.Span);
        var result = (await control.ApplyAsync(new ApplyRequest(source) { DryRun = dryRun, AllowReset = allow is not null }, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var isCreated = result.Created && !dryRun;
        if (isCreated)
            context.Response.Headers.Location = "/api/v1/applications/" + Uri.EscapeDataString(result.Application);
        await JsonAnswer.WriteAsync(context, isCreated ? 201 : 200, result, WriteResult).ConfigureAwait(false);
    }

    private static string Text(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith("\uFEFF"u8))
            body = body[3..];
        if (body.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            throw new ApiException(400, "invalid", "The body is empty; send an application file (apiVersion, kind, name, …).");
        try
        {
            return Strict.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            throw new ApiException(400, "invalid", "The body is not valid UTF-8; encode the application file as UTF-8.");
        }
    }

    private Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var page = Paging.Of(control.GetApplications().Applications, application => application.Name, query);
        return Paging.AnswerAsync(context, page, static (writer, application) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, application.Name);
            writer.WriteNumber("revision"u8, application.Revision);
            writer.WriteTime("appliedAt"u8, application.AppliedAt);
            writer.WriteEndObject();
        });
    }

    private async Task GetAsync(HttpContext context)
    {
        var name = Name(context);
        var found = control.GetApplications().Applications.FirstOrDefault(application => application.Name == name)
            ?? throw new ApiException(404, "unknown_application", $"There is no application '{name}'; GET /api/v1/applications lists what there is.");
        if (MediaTypes.Accepts(context, "yaml"))
        {
            await JsonAnswer.SendAsync(context, 200, MediaTypes.Yaml, Encoding.UTF8.GetBytes(found.Source)).ConfigureAwait(false);
            return;
        }

        await JsonAnswer.WriteAsync(context, 200, found, static (writer, application) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, application.Name);
            writer.WriteNumber("revision"u8, application.Revision);
            writer.WriteTime("appliedAt"u8, application.AppliedAt);
            writer.WriteString("source"u8, application.Source);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context)
        => await JsonAnswer.WriteAsync(context, 200, (await control.DeleteApplicationAsync(Name(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), WriteResult).ConfigureAwait(false);

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["application"]!;

    private static void WriteResult(Utf8JsonWriter writer, ApplyResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("application"u8, result.Application);
        writer.WriteNumber("revision"u8, result.Revision);
        writer.WriteStartArray("changes"u8);
        foreach (var change in result.Changes.IsDefault ? [] : result.Changes)
        {
            writer.WriteStartObject();
            writer.WriteString("action"u8, change.Action);
            writer.WriteString("kind"u8, change.Kind);
            writer.WriteString("name"u8, change.Name);
            writer.WriteBoolean("keepsState"u8, change.KeepsState);
            if (change.Detail is not null)
                writer.WriteString("detail"u8, change.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
