using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.Routing;

/// <summary>A request's body in one pooled array; dispose it once nothing points into it.</summary>
internal struct RequestBody : IDisposable
{
    private readonly int _start;
    private byte[]? _array;

    private RequestBody(byte[] array, int start, int length) => (_array, _start, Length) = (array, start, length);

    public int Length { get; }

    public readonly ReadOnlyMemory<byte> Memory => _array.AsMemory(_start, Length);

    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(_start, Length);

    /// <summary>Reads the body to its end.</summary>
    /// <exception cref="ApiException">413 above the limit, 415 with a content coding.</exception>
    public static ValueTask<RequestBody> ReadAsync(HttpContext context, long limit)
    {
        var coding = context.Request.Headers.ContentEncoding.ToString();
        return coding.Length > 0 && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? throw new ApiException(415, "unsupported_media_type", $"The content coding '{coding}' is not supported; send the body uncompressed.")
            : ReadAsync(context, limit, context.Request.Body, context.Request.ContentLength, 0);
    }

    /// <summary>Reads the body to its end and undoes gzip and deflate; the limit holds for both sizes.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="aligned">A place in the body that shall lie at a multiple of eight bytes, so that numbers from there on can be read in place.</param>
    /// <exception cref="ApiException">413 above the limit, 415 with another coding, 400 where the bytes are not in the coding stated.</exception>
    public static async ValueTask<RequestBody> ReadDecodedAsync(HttpContext context, long limit, int aligned)
    {
        var start = (8 - (aligned % 8)) % 8;
        var coding = ContentCodings.Of(context.Request);
        if (coding == ContentCoding.None)
            return await ReadAsync(context, limit, context.Request.Body, context.Request.ContentLength, start).ConfigureAwait(false);
        if (context.Request.ContentLength > limit)
            throw TooLarge(context.Request.ContentLength.Value.ToString(CultureInfo.InvariantCulture) + " bytes", limit);
        await using var stream = ContentCodings.Decompress(context.Request.Body, coding);
        try
        {
            return await ReadAsync(context, limit, stream, null, start).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            throw new ApiException(400, "invalid", $"The body is not {ContentCodings.NameOf(coding)}{(coding == ContentCoding.Deflate ? " in zlib form (RFC 9110, 8.4.1.2)" : "")}, as its Content-Encoding says, or is cut short.");
        }
    }

    /// <summary>Lifts the server's own limit: ours names itself in its error.</summary>
    public static void LiftServerLimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;
    }

    public void Dispose()
    {
        if (_array is { } array)
            ArrayPool<byte>.Shared.Return(array);
        _array = null;
    }

    private static async ValueTask<RequestBody> ReadAsync(HttpContext context, long limit, Stream stream, long? announced, int start)
    {
        if (announced > limit)
            throw TooLarge(announced.Value.ToString(CultureInfo.InvariantCulture) + " bytes", limit);
        var array = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit, announced ?? 4096) + start + 1);
        try
        {
            var end = start;
            while (true)
            {
                if (end == array.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min((long)array.Length * 2, Array.MaxLength));
                    array.AsSpan(0, end).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(array);
                    array = larger;
                }

                var read = await stream.ReadAsync(array.AsMemory(end), context.RequestAborted).ConfigureAwait(false);
                if (read == 0)
                    break;
                end += read;
                if (end - start > limit)
                    throw TooLarge("more", limit);
            }

            var body = new RequestBody(array, start, end - start);
            array = null;
            return body;
        }
        finally
        {
            if (array is not null)
                ArrayPool<byte>.Shared.Return(array);
        }
    }

    private static ApiException TooLarge(string size, long limit)
        => new(413, "too_large", $"The body has {size}; the limit is {limit.ToString(CultureInfo.InvariantCulture)} bytes. Send it in parts.");
}
