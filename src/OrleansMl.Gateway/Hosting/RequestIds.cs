using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Hosting;

/// <summary>
/// An id for each request: the caller's <c>X-Request-Id</c> where it is fit to stand in a log, else a new one. It goes back in
/// the answer's header, and stands in every line of the log about the request.
/// </summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";

    private const int Longest = 128;

    public static void Assign(HttpContext context)
    {
        var given = context.Request.Headers[Header];
        // No Guid: that asks the kernel for secret bits at each request, and an id is no secret.
        var id = given is [{ } text] && IsFit(text) ? text : ActivityTraceId.CreateRandom().ToHexString();
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
    }

    // Neither spaces nor quotes nor line ends: nobody forges a line of the log.
    private static bool IsFit(string text)
    {
        if (text.Length is 0 or > Longest)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-' or ':' or '/' or '+' or '=' or '@'))
                return false;
        }

        return true;
    }
}
