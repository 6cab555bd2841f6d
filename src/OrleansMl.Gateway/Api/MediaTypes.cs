using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.Api;

/// <summary>Content types of <c>/api/v1</c>. None means JSON.</summary>
internal static class MediaTypes
{
    public const string Yaml = "application/yaml";
    public const string Octets = "application/octet-stream";
    public const string Multipart = "multipart/form-data";

    /// <summary>True for a batch (NDJSON), false for one JSON value.</summary>
    /// <exception cref="ApiException">415 for anything else.</exception>
    public static bool IsBatch(HttpContext context) => Of(context) switch
    {
        null or "application/json" => false,
        "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => true,
        var other => throw Unsupported(other, "application/json for one item or application/x-ndjson for a batch"),
    };

    /// <exception cref="ApiException">415 unless it is JSON or nothing.</exception>
    public static void DemandJson(HttpContext context)
    {
        if (Of(context) is { } other and not "application/json")
            throw Unsupported(other, "application/json");
    }

    /// <summary>The media type in lower case, without parameters; null when there is none.</summary>
    /// <exception cref="ApiException">415 when it cannot be read, or names a charset other than UTF-8.</exception>
    public static string? Of(HttpContext context)
    {
        var text = context.Request.ContentType;
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (text == "application/json")
            return text;
        if (!MediaTypeHeaderValue.TryParse(text, out var value) || !value.MediaType.HasValue)
            throw new ApiException(415, "unsupported_media_type", $"The content type '{text}' cannot be read; send application/json.");
        if (value.Charset.HasValue && !value.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(415, "unsupported_media_type", $"The charset '{value.Charset}' is not supported; send UTF-8.");
        return value.MediaType.Value!.ToLowerInvariant();
    }

    public static ApiException Unsupported(string given, string wanted)
        => new(415, "unsupported_media_type", $"The content type '{given}' is not taken here; send {wanted}{(given == "application/x-www-form-urlencoded" ? " (with curl: --json instead of -d)" : "")}.");

    /// <summary>The Accept header names this media type.</summary>
    public static bool Accepts(HttpContext context, params ReadOnlySpan<string> types)
    {
        foreach (var entry in context.Request.Headers.Accept)
        {
            foreach (var type in types)
            {
                if (entry is not null && entry.Contains(type, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
