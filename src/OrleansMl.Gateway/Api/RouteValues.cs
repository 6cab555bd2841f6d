using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Routing;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Values from the path of <c>/api/v1</c> routes.</summary>
internal static class RouteValues
{
    /// <summary>The model of a path. What is no name is no model: it must not become a grain's key.</summary>
    public static string Model(HttpContext context)
    {
        var model = (string)context.Request.RouteValues["model"]!;
        return OrleansMl.Names.IsName(model)
            ? model
            : throw new ApiException(404, "unknown_model", $"{(ErrorWriter.IsOpenInference(context) ? "Request for unknown model: there" : "There")} is no model '{model}'; a name matches {OrleansMl.Names.Pattern}.");
    }

    /// <summary>A version in a path: digits.</summary>
    public static int Version(HttpContext context)
    {
        var text = (string)context.Request.RouteValues["version"]!;
        return BodyValues.TryVersion(text, out var version)
            ? version
            : throw new ApiException(404, "unknown_version", $"Model '{Model(context)}' has no version '{text}'; a version is digits such as 2.");
    }

    /// <summary>An id in a path, <c>{id}</c>: whether there is such a thing is for its store to say.</summary>
    public static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    /// <summary>The entity of <c>/api/v1/entities/{type}/{id}/…</c>, five or more segments below the root.</summary>
    public static EntityId Entity(HttpContext context, int segments)
    {
        var type = RawPath.Segment(context, 3, segments);
        var id = RawPath.Segment(context, 4, segments);
        if (!OrleansMl.Names.IsName(type))
            throw new ApiException(404, "unknown_entity_type", $"There is no entity type '{type}'; a name matches {OrleansMl.Names.Pattern}.");
        return OrleansMl.Names.WhyNotId(id) is { } why
            ? throw new ApiException(400, "invalid_id", $"The entity id in the path {why}.")
            : new EntityId(type, id);
    }
}
