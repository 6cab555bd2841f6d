using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansMl.Datasets;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Routing;

namespace OrleansMl.Gateway.Api;

/// <summary>A CSV or NDJSON file as a request brings it: the body itself, or the one part of a multipart body.</summary>
internal static class DatasetBody
{
    private const int MaxBoundaryLength = 70;

    /// <summary>Opens it for one pass.</summary>
    /// <param name="context">The request.</param>
    /// <param name="format">As the query says it; null: content type or file name do.</param>
    /// <param name="name">As the query says it; null: as the part does.</param>
    /// <param name="allowCodings">Take gzip and deflate and undo them on the way.</param>
    /// <exception cref="ApiException">415: another content type or coding; 400: it is not said which format it has.</exception>
    public static async Task<(Stream Content, string Format, string? Name)> OpenAsync(HttpContext context, string? format, string? name, bool allowCodings)
    {
        var coding = context.Request.Headers.ContentEncoding.ToString();
        if (!allowCodings && coding.Length > 0 && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(415, "unsupported_media_type", $"The content coding '{coding}' is not supported here; send the file uncompressed.");
        var coded = ContentCodings.Of(context.Request);
        if (coded != ContentCoding.None)
            context.Request.Body = ContentCodings.Decompress(context.Request.Body, coded);
        var type = MediaTypes.Of(context);
        var (content, partType, partName) = type == MediaTypes.Multipart
            ? await OnlyPart.OpenAsync(context, BoundaryOf(context)).ConfigureAwait(false)
            : (context.Request.Body, type, null);
        name ??= partName;
        format ??= FormatOf(partType) ?? FormatOf(Path.GetExtension(name)) ?? throw Unknown(partType, name);
        return DatasetFormats.IsKnown(format) ? (content, format, name) : throw QueryValues.Invalid($"The query parameter format is '{format}'; give csv or ndjson.");
    }

    private static string? FormatOf(string? typeOrExtension) => typeOrExtension?.ToLowerInvariant() switch
    {
        "text/csv" or "application/csv" or ".csv" => DatasetFormats.Csv,
        "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" or ".ndjson" or ".jsonl" => DatasetFormats.Ndjson,
        _ => null,
    };

    private static ApiException Unknown(string? type, string? name) => type is null or "application/octet-stream" or MediaTypes.Multipart
        ? new ApiException(400, "unknown_format", $"It is not said whether {(name is null ? "the file" : $"'{name}'")} is CSV or NDJSON; send the content type text/csv or application/x-ndjson, or ?format=csv.")
        : MediaTypes.Unsupported(type, "text/csv, application/x-ndjson, or multipart/form-data with one file");

    private static string BoundaryOf(HttpContext context)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(context.Request.ContentType).Boundary).Value;
        return string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength
            ? throw new ApiException(400, "invalid", $"The content type multipart/form-data has no boundary of 1 to {MaxBoundaryLength} characters; let your client set it.")
            : boundary;
    }
}
