using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using OrleansMl.Datasets;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.Api;

/// <summary>The one part of a multipart body, as it comes in. Its end is an end only where no other part follows.</summary>
internal sealed class OnlyPart(MultipartReader reader, Stream part) : AsyncReadStream
{
    private bool _isEnd;

    /// <summary>Opens the first part. Its name is <c>file</c>, <c>spine</c>, or the format.</summary>
    /// <exception cref="ApiException">There is none, or it has another name.</exception>
    public static async Task<(Stream Content, string? Type, string? Name)> OpenAsync(HttpContext context, string boundary)
    {
        var reader = new MultipartReader(boundary, context.Request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
        MultipartSection? section;
        try
        {
            section = await reader.ReadNextSectionAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(exception);
        }

        if (section is null)
            throw new ApiException(400, "invalid", "The multipart body has no part; send the file as 'file'.");
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            throw new ApiException(400, "invalid", "The part has no Content-Disposition with a name; name it 'file'.");
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value;
        if (name is not ("file" or "csv" or "ndjson" or "spine"))
            throw new ApiException(400, "invalid", $"There is no part '{name}' here; send the file as 'file'.");
        var file = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
        var type = MediaTypeHeaderValue.TryParse(section.ContentType, out var parsed) ? parsed.MediaType.Value : null;
        return (new OnlyPart(reader, section.Body), name switch { "csv" => "text/csv", "ndjson" => "application/x-ndjson", _ => type }, string.IsNullOrEmpty(file) ? null : Path.GetFileName(file));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isEnd)
            return 0;
        try
        {
            var read = await part.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read > 0 || buffer.Length == 0)
                return read;
            if (await reader.ReadNextSectionAsync(cancellationToken).ConfigureAwait(false) is not null)
                throw new ApiException(400, "invalid", "The multipart body has more than one part; send one file at a time.");
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(exception);
        }

        _isEnd = true;
        return 0;
    }

    private static bool IsMalformed(Exception exception) => exception is InvalidDataException or (IOException and not BadHttpRequestException);

    private static ApiException Malformed(Exception exception) => new(400, "invalid", $"The multipart body cannot be read: {exception.Message}");
}
