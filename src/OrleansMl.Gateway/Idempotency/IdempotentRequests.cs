using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;

namespace OrleansMl.Gateway.Idempotency;

/// <summary>
/// Gives <c>Idempotency-Key</c> its meaning on a POST: the same key and body get the stored answer, the same key with
/// another body is a conflict. Failures of the server (5xx) and refusals to take part (401, 403, 413, 429) are not kept.
/// </summary>
internal sealed class IdempotentRequests(IdempotencyCache cache)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    public const int MaxKeyLength = 255;

    public async Task RunAsync(HttpContext context, long bodyLimit, ErrorBoundary errors, RequestDelegate next)
    {
        var given = context.Request.Headers[Header].ToString();
        if (given.Length is 0 or > MaxKeyLength)
            throw new ApiException(400, "invalid", $"The header {Header} has {given.Length} characters; give 1 to {MaxKeyLength}.");

        using var body = await RequestBody.ReadAsync(context, bodyLimit).ConfigureAwait(false);
        var key = string.Join('\n', KeyRing.CallerOf(context), context.Request.Path.Value, context.Request.QueryString.Value, given);
        var (verdict, stored) = await cache.EnterAsync(key, Hash(context, body.Span), context.RequestAborted).ConfigureAwait(false);
        switch (verdict)
        {
            case IdempotencyCache.Verdict.Mismatch:
                throw new ApiException(new OmlError("idempotency_mismatch", 409, $"The {Header} '{given}' was used with another body; use a new key for a new request."));
            case IdempotencyCache.Verdict.Full:
                throw new ApiException(503, "queue_full", $"Too many requests with an {Header} are in flight; ask again in a moment.");
            case IdempotencyCache.Verdict.Repeat:
                await SendAsync(context, stored!, replayed: true).ConfigureAwait(false);
                return;
        }

        StoredAnswer? answer = null;
        try
        {
            answer = await CaptureAsync(context, body.Memory, errors, next).ConfigureAwait(false);
        }
        finally
        {
            if (answer is null || answer.Status is 401 or 403 or 413 or 429 or 499 or >= 500)
                cache.Abandon(key);
            else
                cache.Complete(key, answer);
        }

        await SendAsync(context, answer, replayed: false).ConfigureAwait(false);
    }

    private static byte[] Hash(HttpContext context, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(body);
        // multipart boundaries and NDJSON change what the same bytes mean
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes("\n" + context.Request.ContentType));
        return hash.GetHashAndReset();
    }

    private static async Task<StoredAnswer> CaptureAsync(HttpContext context, ReadOnlyMemory<byte> body, ErrorBoundary errors, RequestDelegate next)
    {
        var (requestBody, responseBody) = (context.Request.Body, context.Response.Body);
        using var input = new MemoryStream(body.ToArray(), writable: false);
        using var output = new MemoryStream();
        context.Request.Body = input;
        context.Response.Body = output;
        try
        {
            await errors.RunAsync(context, next).ConfigureAwait(false);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            context.Request.Body = requestBody;
            context.Response.Body = responseBody;
        }

        var response = context.Response;
        return new StoredAnswer(response.StatusCode, response.ContentType, response.Headers.Location, output.ToArray());
    }

    private static async Task SendAsync(HttpContext context, StoredAnswer answer, bool replayed)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        if (answer.Location is not null)
            response.Headers.Location = answer.Location;
        if (replayed)
            response.Headers[ReplayedHeader] = "true";
        response.ContentLength = answer.Body.Length;
        await response.Body.WriteAsync(answer.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
