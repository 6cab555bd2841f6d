using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.Routing;

/// <summary>A request's body in one pooled array; dispose it once nothing points into it.</summary>
internal struct RequestBody : IDisposable
{
    private byte[]? _array;

    private RequestBody(byte[] array, int length) => (_array, Length) = (array, length);

    public int Length { get; }

    public readonly ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Reads the body to its end.</summary>
    /// <exception cref="ApiException">413 above the limit, 415 with a content coding.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, long limit)
    {
        var request = context.Request;
        var coding = request.Headers.ContentEncoding.ToString();
        if (coding.Length > 0 && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(415, "unsupported_media_type", $"The content coding '{coding}' is not supported; send the body uncompressed.");
        if (request.ContentLength > limit)
            throw TooLarge(request.ContentLength.Value.ToString(CultureInfo.InvariantCulture) + " bytes", limit);

        var array = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit, request.ContentLength ?? 4096) + 1);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == array.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min((long)array.Length * 2, Array.MaxLength));
                    array.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(array);
                    array = larger;
                }

                var read = await request.Body.ReadAsync(array.AsMemory(length), context.RequestAborted).ConfigureAwait(false);
                if (read == 0)
                    break;
                length += read;
                if (length > limit)
                    throw TooLarge("more", limit);
            }

            var body = new RequestBody(array, length);
            array = null;
            return body;
        }
        finally
        {
            if (array is not null)
                ArrayPool<byte>.Shared.Return(array);
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

    private static ApiException TooLarge(string size, long limit)
        => new(413, "too_large", $"The body has {size}; the limit is {limit.ToString(CultureInfo.InvariantCulture)} bytes. Send it in parts.");
}
