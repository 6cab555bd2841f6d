using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.Routing;

/// <summary>
/// Path segments decoded exactly once from the request target. The server's own route values leave <c>%2F</c> encoded
/// and decode everything else, so that "%2F" and "%252F" look alike in them.
/// </summary>
internal static class RawPath
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes one segment of a path with a known number of segments.</summary>
    /// <param name="context">The request.</param>
    /// <param name="index">Segment, from 0.</param>
    /// <param name="count">Segments of the whole route.</param>
    public static string Segment(HttpContext context, int index, int count)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOfAny('?', '#');
        if (query >= 0)
            target = target[..query];
        if (target.Length > 0 && target[0] != '/')
        {
            // absolute form: scheme://authority/path
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var slash = authority < 0 ? -1 : target[(authority + 3)..].IndexOf('/');
            target = slash < 0 ? [] : target[(authority + 3 + slash)..];
        }

        target = target.Trim('/');
        var skip = context.Request.PathBase.HasValue ? context.Request.PathBase.Value!.Trim('/').Split('/').Length : 0;
        var at = 0;
        ReadOnlySpan<char> found = default;
        var isFound = false;
        foreach (var range in target.Split('/'))
        {
            if (at++ == skip + index)
            {
                found = target[range];
                isFound = true;
            }
        }

        if (!isFound || at != skip + count)
            throw new ApiException(404, "not_found", $"The path {context.Request.Path} holds dot segments or empty segments; encode ids as one segment each.");
        return Decode(found);
    }

    /// <exception cref="ApiException">A broken escape, or bytes that are not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<char> segment)
    {
        if (!Ascii.IsValid(segment))
            throw new ApiException(400, "invalid", "The path holds characters beyond ASCII; percent-encode their UTF-8 bytes.");
        if (!segment.Contains('%'))
            return segment.ToString();
        var bytes = new byte[segment.Length];
        var length = 0;
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                bytes[length++] = (byte)segment[i];
                continue;
            }

            if (i + 2 >= segment.Length || !char.IsAsciiHexDigit(segment[i + 1]) || !char.IsAsciiHexDigit(segment[i + 2]))
                throw new ApiException(400, "invalid", $"The path segment '{segment}' has a broken percent escape at {i}; write '%25' for a percent sign.");
            bytes[length++] = Convert.FromHexString(segment.Slice(i + 1, 2))[0];
            i += 2;
        }

        try
        {
            return Strict.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new ApiException(400, "invalid", $"The path segment '{segment}' is not UTF-8 once decoded; encode the id's UTF-8 bytes.");
        }
    }
}
