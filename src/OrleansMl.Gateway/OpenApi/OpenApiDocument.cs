using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Routing;

namespace OrleansMl.Gateway.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document: paths from the very operations that are mapped, schemas from <c>schemas.json</c>.
/// </summary>
internal sealed class OpenApiDocument(IOptions<GatewayOptions> options)
{
    /// <summary>The document; empty before <c>Describe</c>.</summary>
    public byte[] Bytes { get; private set; } = [];

    public void Describe(IReadOnlyList<Operation> operations)
    {
        var paths = new JsonObject();
        foreach (var operation in operations)
        {
            if (paths[operation.Pattern] is not JsonObject path)
                paths[operation.Pattern] = path = [];
            path[operation.Method.ToLowerInvariant()] = Describe(operation);
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "OrleansMl",
                ["version"] = options.Value.ProductVersion,
                ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = Schemas(),
                ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
        Bytes = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(document);
    }

    private static JsonNode Schemas()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("OrleansMl.Gateway.OpenApi.schemas.json")
            ?? throw new InvalidOperationException("The resource schemas.json is not in the assembly.");
        return JsonNode.Parse(stream)!;
    }

    private static JsonObject Describe(Operation operation)
    {
        var result = new JsonObject
        {
            ["operationId"] = OperationId(operation),
            ["summary"] = operation.Summary,
            ["tags"] = new JsonArray(operation.IsOpenInference ? "Open Inference Protocol" : "OrleansMl"),
        };
        var parameters = Parameters(operation);
        if (parameters.Count > 0)
            result["parameters"] = parameters;
        if (operation.Request.Count > 0)
        {
            var content = new JsonObject();
            foreach (var body in operation.Request)
                content[body.ContentType] = Media(body.Schema);
            result["requestBody"] = new JsonObject { ["required"] = !operation.RequestOptional, ["content"] = content };
        }

        result["responses"] = Responses(operation);
        if (operation.Role != GatewayRoles.None)
        {
            result["security"] = new JsonArray(new JsonObject(), new JsonObject { ["key"] = new JsonArray() });
            result["x-role"] = operation.Role.ToString().ToLowerInvariant();
        }

        return result;
    }

    private static JsonArray Parameters(Operation operation)
    {
        var parameters = new JsonArray();
        foreach (var segment in operation.Pattern.Split('/'))
        {
            if (segment.StartsWith('{'))
                parameters.Add(Parameter(segment.Trim('{', '}'), "path", "string", null, required: true));
        }

        foreach (var query in operation.Query)
            parameters.Add(Parameter(query.Name, "query", query.Type, query.Description, required: false));
        if (operation is { Method: "POST", IsOpenInference: false })
            parameters.Add(Parameter("Idempotency-Key", "header", "string", "A repeat with the same key and body gets the same answer for ten minutes.", required: false));
        if (operation is { Method: "POST", IsOpenInference: true })
            parameters.Add(Parameter("X-Model-Version", "header", "string", "Version or alias; must not contradict the path.", required: false));
        return parameters;
    }

    private static JsonObject Parameter(string name, string place, string type, string? description, bool required)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["required"] = required, ["schema"] = new JsonObject { ["type"] = type } };
        if (description is not null)
            parameter["description"] = description;
        return parameter;
    }

    private static JsonObject Responses(Operation operation)
    {
        var responses = new JsonObject();
        foreach (var answer in operation.Answers)
        {
            var status = answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (responses[status] is not JsonObject response)
                responses[status] = response = new JsonObject { ["description"] = answer.Description, ["content"] = new JsonObject() };
            response["content"]![answer.ContentType] = Media(answer.Schema);
        }

        var errors = new SortedSet<int>(operation.Errors);
        if (operation.Method != "GET" || operation.Query.Count > 0 || operation.Pattern.Contains('{', StringComparison.Ordinal))
            errors.Add(400);
        if (operation.Role != GatewayRoles.None)
            errors.UnionWith([401, 403]);
        if (operation.Request.Count > 0)
            errors.UnionWith([413, 415]);
        foreach (var error in errors)
        {
            var status = error.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (responses.ContainsKey(status))
                continue;
            responses[status] = new JsonObject
            {
                ["description"] = ReasonPhrases.GetReasonPhrase(error),
                ["content"] = operation.IsOpenInference
                    ? new JsonObject { ["application/json"] = Media("OpenInferenceError") }
                    : new JsonObject { [Errors.ErrorWriter.ProblemJson] = Media("Problem") },
            };
        }

        return responses;
    }

    private static JsonObject Media(string schema)
        => new() { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/" + schema } };

    private static string OperationId(Operation operation)
    {
        var words = operation.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(segment => segment.Trim('{', '}').Replace('.', '_'));
        return operation.Method.ToLowerInvariant() + "_" + string.Join('_', words);
    }
}
