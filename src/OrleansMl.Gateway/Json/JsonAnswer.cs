using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Json;

/// <summary>Writes JSON answers: into a pooled buffer first, then in one piece with its length.</summary>
internal static class JsonAnswer
{
    public const string Json = "application/json";
    public const string Ndjson = "application/x-ndjson";

    private static readonly JsonWriterOptions Options = new()
    {
        // Answers are never embedded in HTML; names and details stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static Utf8JsonWriter? cached;

    public static async Task WriteAsync<TState>(HttpContext context, int status, TState state, Action<Utf8JsonWriter, TState> write, string contentType = Json)
    {
        using var buffer = new PooledBuffer();
        Render(buffer, state, write);
        await SendAsync(context, status, contentType, buffer.Memory).ConfigureAwait(false);
    }

    /// <summary>Appends one JSON value to a buffer.</summary>
    public static void Render<TState>(IBufferWriter<byte> buffer, TState state, Action<Utf8JsonWriter, TState> write)
    {
        var writer = cached ?? new Utf8JsonWriter(buffer, Options);
        cached = null;
        writer.Reset(buffer);
        write(writer, state);
        writer.Flush();
        cached = writer;
    }

    public static async Task SendAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
