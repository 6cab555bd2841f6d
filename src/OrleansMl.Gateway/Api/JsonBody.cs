using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Routing;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Reads requests whose body is one JSON value.</summary>
internal static class JsonBody
{
    /// <summary>The value in the body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">Most bytes.</param>
    /// <param name="parse">Reads the value; nothing of it may point into the body.</param>
    /// <exception cref="ApiException">413 above the limit, 415 for what is no JSON.</exception>
    /// <exception cref="InputFaultException">The value is not as it must be.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, long limit, StrictReader.Parser<T> parse)
    {
        MediaTypes.DemandJson(context);
        using var body = await RequestBody.ReadAsync(context, limit).ConfigureAwait(false);
        return StrictReader.Parse(body.Span, parse);
    }

    /// <summary>The value in a body that may be left out; the default then.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async ValueTask<T?> ReadIfAnyAsync<T>(HttpContext context, long limit, StrictReader.Parser<T> parse)
    {
        MediaTypes.DemandJson(context);
        using var body = await RequestBody.ReadAsync(context, limit).ConfigureAwait(false);
        return body.Length == 0 ? default : StrictReader.Parse(body.Span, parse);
    }
}
