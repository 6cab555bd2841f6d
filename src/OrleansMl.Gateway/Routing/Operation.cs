using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Routing;

/// <summary>How large a body a route takes; the bytes are in <see cref="GatewayOptions"/>.</summary>
internal enum BodyLimit
{
    Default,
    Large,
    Application,
}

/// <summary>One route: what it matches, who may call it, what runs, and what the OpenAPI document says of it.</summary>
/// <param name="Method">GET, POST, PUT or DELETE.</param>
/// <param name="Pattern">Route pattern without constraints: <c>/api/v1/models/{model}</c>.</param>
/// <param name="Role">What a key must be allowed to do; None: no key is needed.</param>
/// <param name="Handler">Runs it.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record Operation(string Method, string Pattern, GatewayRoles Role, RequestDelegate Handler, string Summary)
{
    public BodyLimit BodyLimit { get; init; }

    /// <summary>Content type → name of a schema, for the request; empty: no body.</summary>
    public IReadOnlyList<BodySpec> Request { get; init; } = [];

    public bool RequestOptional { get; init; }

    public IReadOnlyList<AnswerSpec> Answers { get; init; } = [];

    public IReadOnlyList<QuerySpec> Query { get; init; } = [];

    /// <summary>Error statuses beyond those that every route has.</summary>
    public IReadOnlyList<int> Errors { get; init; } = [];

    public bool IsOpenInference => Pattern.StartsWith("/v2", StringComparison.Ordinal);
}

/// <param name="ContentType">Media type.</param>
/// <param name="Schema">Name under components/schemas.</param>
internal sealed record BodySpec(string ContentType, string Schema);

/// <param name="Status">HTTP status.</param>
/// <param name="Description">When.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Schema">Name under components/schemas.</param>
internal sealed record AnswerSpec(int Status, string Description, string Schema, string ContentType = "application/json");

/// <param name="Name">Name of the query parameter.</param>
/// <param name="Description">What it does.</param>
/// <param name="Type">JSON schema type.</param>
internal sealed record QuerySpec(string Name, string Description, string Type = "string");
