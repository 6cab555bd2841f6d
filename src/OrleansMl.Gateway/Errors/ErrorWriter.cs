using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using OrleansMl.Gateway.Json;

namespace OrleansMl.Gateway.Errors;

/// <summary>
/// The one writer of errors: <c>{"error": …}</c> under <c>/v2</c>, as the Open Inference Protocol says;
/// <c>application/problem+json</c> (RFC 9457) everywhere else.
/// </summary>
internal static class ErrorWriter
{
    public const string ProblemJson = "application/problem+json";

    /// <summary>Seconds a client waits before it asks again after a 503 or 429.</summary>
    public const int RetryAfterSeconds = 1;

    public static bool IsOpenInference(HttpContext context) => context.Request.Path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase);

    public static Task WriteAsync(HttpContext context, OmlError error)
    {
        var response = context.Response;
        response.Headers.Remove("Content-Encoding");
        response.Headers.Remove("ETag");
        response.Headers.CacheControl = "no-store";
        if (error.Status is 503 or 429 && response.Headers.RetryAfter.Count == 0)
            response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return IsOpenInference(context)
            ? JsonAnswer.WriteAsync(context, error.Status, error, WriteOpenInference)
            : JsonAnswer.WriteAsync(context, error.Status, error, static (writer, e) => WriteProblem(writer, e, null), ProblemJson);
    }

    /// <summary>A problem object; with an index where it stands on a line of its own in a batch.</summary>
    public static void WriteProblem(Utf8JsonWriter writer, OmlError error, int? index)
    {
        writer.WriteStartObject();
        if (index is { } i)
            writer.WriteNumber("index"u8, i);
        writer.WriteString("type"u8, "urn:orleansml:error:" + error.Code);
        var title = ReasonPhrases.GetReasonPhrase(error.Status);
        writer.WriteString("title"u8, title.Length == 0 ? "Error" : title);
        writer.WriteNumber("status"u8, error.Status);
        writer.WriteString("detail"u8, error.Detail);
        writer.WriteString("code"u8, error.Code);
        writer.WriteString("error"u8, error.Detail);
        if (error.Status == 409)
            writer.WriteString("current"u8, error.Current);
        WriteFaults(writer, error.Faults.IsDefault ? [] : error.Faults.AsSpan());
        writer.WriteEndObject();
    }

    /// <summary>The member <c>errors</c>.</summary>
    public static void WriteFaults(Utf8JsonWriter writer, ReadOnlySpan<OmlFault> faults)
    {
        writer.WriteStartArray("errors"u8);
        foreach (var fault in faults)
        {
            writer.WriteStartObject();
            if (fault.Index is { } index)
                writer.WriteNumber("index"u8, index);
            if (fault.Pointer is not null)
                writer.WriteString("pointer"u8, fault.Pointer);
            if (fault.Line is { } line)
                writer.WriteNumber("line"u8, line);
            if (fault.Column is { } column)
                writer.WriteNumber("column"u8, column);
            writer.WriteString("code"u8, fault.Code);
            writer.WriteString("detail"u8, fault.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteOpenInference(Utf8JsonWriter writer, OmlError error)
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, error.Detail);
        writer.WriteEndObject();
    }
}
