using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>The extension model_repository over REST. Its official client sends no body where it has nothing to say.</summary>
internal sealed class RepositoryOperations(IModelRepositoryService repository, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly MemberTable Members = new("ready", "parameters");

    public IEnumerable<Operation> Operations => [.. Repository("/v2/repository"), .. Repository("/v2/repository/{repository}")];

    private IEnumerable<Operation> Repository(string path) =>
    [
        new("POST", path + "/index", GatewayRoles.Predict, IndexAsync, "Every model version, loaded or not.")
        {
            Request = [new(JsonAnswer.Json, "RepositoryIndexRequest")], RequestOptional = true, Answers = [new(200, "In order.", "RepositoryIndex")],
        },
        new("POST", path + "/models/{model}/load", GatewayRoles.Operate, LoadAsync, "Load a model, or load it again.")
        {
            BodyLimit = BodyLimit.Large, Request = [new(JsonAnswer.Json, "RepositoryRequest")], RequestOptional = true, Answers = [new(200, "It is loaded.", "Empty")], Errors = [404, 409, 422, 503],
        },
        new("POST", path + "/models/{model}/unload", GatewayRoles.Operate, UnloadAsync, "Take a model out of serving.")
        {
            Request = [new(JsonAnswer.Json, "RepositoryRequest")], RequestOptional = true, Answers = [new(200, "It is unloaded.", "Empty")], Errors = [404, 409, 503],
        },
    ];

    private async Task IndexAsync(HttpContext context)
    {
        DemandDefault(context);
        var readyOnly = false;
        await ReadAsync(context, options.Value.MaxBodyBytes, (string name, ref StrictReader reader) =>
        {
            if (name == "ready")
                readyOnly = reader.ReadBool("ready");
        }).ConfigureAwait(false);
        var entries = await repository.IndexAsync(context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, entries.Where(e => e.IsReady || !readyOnly), static (writer, list) =>
        {
            writer.WriteStartArray();
            foreach (var entry in list)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, entry.Model);
                if (entry.Version is not null)
                    writer.WriteVersion("version"u8, entry.Version);
                writer.WriteString("state"u8, entry.IsReady ? "READY"u8 : "UNAVAILABLE"u8);
                writer.WriteString("reason"u8, entry.Reason);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }).ConfigureAwait(false);
    }

    private async Task LoadAsync(HttpContext context)
    {
        DemandDefault(context);
        var parameters = new RepositoryParameters();
        await ReadAsync(context, options.Value.MaxLargeBodyBytes, (string name, ref StrictReader reader) =>
        {
            if (name == "parameters" && !reader.IsNull)
                ReadParameters(ref reader, parameters);
        }).ConfigureAwait(false);
        var loaded = await repository.LoadAsync((string)context.Request.RouteValues["model"]!, parameters.Load, context.RequestAborted).ConfigureAwait(false);
        loaded.OrThrow();
        await EmptyAsync(context).ConfigureAwait(false);
    }

    private async Task UnloadAsync(HttpContext context)
    {
        DemandDefault(context);
        var unloadDependents = false;
        await ReadAsync(context, options.Value.MaxBodyBytes, (string name, ref StrictReader reader) =>
        {
            if (name == "parameters" && !reader.IsNull)
                unloadDependents = ReadUnloadDependents(ref reader);
        }).ConfigureAwait(false);
        var unloaded = await repository.UnloadAsync(RouteValues.Model(context), unloadDependents, context.RequestAborted).ConfigureAwait(false);
        unloaded.OrThrow();
        await EmptyAsync(context).ConfigureAwait(false);
    }

    private delegate void Member(string name, ref StrictReader reader);

    private static async Task ReadAsync(HttpContext context, long limit, Member take)
    {
        using var body = await RequestBody.ReadDecodedAsync(context, limit, 0).ConfigureAwait(false);
        if (body.Length == 0)
            return;
        StrictReader.Parse(body.Span, (ref StrictReader reader) =>
        {
            reader.ExpectObject("The request");
            ulong seen = 0;
            for (int member; (member = reader.NextMember(Members, ref seen, skipUnknown: true)) >= 0;)
            {
                take(Members.Names[member], ref reader);
                reader.Skip();
            }

            return true;
        });
    }

    private static void ReadParameters(ref StrictReader reader, RepositoryParameters parameters)
    {
        reader.ExpectObject("parameters");
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextName() is { } name)
        {
            if (!names.Add(name))
                throw reader.Fault("repeated_member", "A parameter is given twice; give it once.");
            parameters.Add(name, reader.TokenType == JsonTokenType.String ? reader.ReadString("The parameter") : null, null);
            reader.Skip();
        }
    }

    private static bool ReadUnloadDependents(ref StrictReader reader)
    {
        reader.ExpectObject("parameters");
        var unloadDependents = false;
        while (reader.NextName() is { } name)
        {
            if (name == RepositoryParameters.UnloadDependents)
                unloadDependents = reader.ReadBool(name);
            reader.Skip();
        }

        return unloadDependents;
    }

    // There is one repository; it has no name.
    private static void DemandDefault(HttpContext context)
    {
        if (context.Request.RouteValues["repository"] is string name)
            throw new ApiException(404, "unknown_repository", $"There is no repository '{name}'; there is one, without a name: use /v2/repository/… .");
    }

    private static Task EmptyAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, true, static (writer, _) =>
    {
        writer.WriteStartObject();
        writer.WriteEndObject();
    });
}
