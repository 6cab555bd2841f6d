using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.Routing;

/// <summary>Content codings of HTTP (RFC 9110, 8.4.1); deflate is the zlib form.</summary>
internal enum ContentCoding
{
    None,
    Gzip,
    Deflate,
}

/// <summary>Reads and writes content codings.</summary>
internal static class ContentCodings
{
    /// <summary>The coding of a request's body.</summary>
    /// <exception cref="ApiException">415: another one.</exception>
    public static ContentCoding Of(HttpRequest request)
    {
        var name = request.Headers.ContentEncoding.ToString().Trim();
        return name.ToLowerInvariant() switch
        {
            "" or "identity" => ContentCoding.None,
            "gzip" or "x-gzip" => ContentCoding.Gzip,
            "deflate" => ContentCoding.Deflate,
            _ => throw new ApiException(415, "unsupported_media_type", $"The content coding '{name}' is not supported; send gzip, deflate (in zlib form) or no coding."),
        };
    }

    /// <summary>What a caller takes that is served here; of equally welcome ones gzip.</summary>
    public static ContentCoding Accepted(HttpRequest request)
    {
        var best = ContentCoding.None;
        var weight = 0.0;
        foreach (var item in request.Headers.AcceptEncoding.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var semicolon = item.IndexOf(';', StringComparison.Ordinal);
            var name = (semicolon < 0 ? item : item[..semicolon]).Trim();
            var q = 1.0;
            if (semicolon >= 0 && item.IndexOf("q=", semicolon, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
                q = double.TryParse(item.AsSpan(at + 2), NumberStyles.Float, CultureInfo.InvariantCulture, out var given) ? given : 0;
            var coding = name.ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => ContentCoding.Gzip,
                "deflate" => ContentCoding.Deflate,
                _ => ContentCoding.None,
            };
            if (coding != ContentCoding.None && (q > weight || (q == weight && q > 0 && coding == ContentCoding.Gzip)))
                (best, weight) = (coding, q);
        }

        return best;
    }

    public static string NameOf(ContentCoding coding) => coding == ContentCoding.Gzip ? "gzip" : "deflate";

    public static Stream Decompress(Stream stream, ContentCoding coding) => coding == ContentCoding.Gzip
        ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true)
        : new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);

    public static Stream Compress(Stream stream, ContentCoding coding) => coding == ContentCoding.Gzip
        ? new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true)
        : new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true);
}
