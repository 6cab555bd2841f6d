using System.Net;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Testing;

/// <summary>What every answer of the gateway keeps to, whatever was sent.</summary>
public static class AnswerRules
{
    /// <summary>Why the answer breaks the rules; null when it keeps them.</summary>
    public static async Task<string?> WhyWrongAsync(string path, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var text = Encoding.UTF8.GetString(bytes);
        var type = response.Content.Headers.ContentType?.MediaType;
        if (status >= 500 && status is not (501 or 503))
            return $"status {status}: {text}";
        try
        {
            if (status < 400)
            {
                if (type == "application/x-ndjson")
                {
                    foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                        JsonDocument.Parse(line).Dispose();
                    return null;
                }

                JsonDocument.Parse(bytes).Dispose();
                return type == "application/json" ? null : $"content type {type} for status {status}";
            }

            using var document = JsonDocument.Parse(bytes);
            return path.StartsWith("/v2", StringComparison.Ordinal) ? WhyNotOpenInference(document.RootElement, type) : WhyNotProblem(document.RootElement, type, response.StatusCode);
        }
        catch (JsonException exception)
        {
            return $"status {status}, not JSON ({exception.Message}): {text}";
        }
    }

    private static string? WhyNotOpenInference(JsonElement body, string? type)
        => type != "application/json" ? $"content type {type}"
            : body.ValueKind == JsonValueKind.Object && body.TryGetProperty("error", out var error) && error.GetString()!.Length > 0 ? null
            : $"no error in {body}";

    private static string? WhyNotProblem(JsonElement body, string? type, HttpStatusCode status)
    {
        if (type != "application/problem+json")
            return $"content type {type}";
        foreach (var member in (string[])["type", "title", "detail", "code", "error"])
        {
            if (!body.TryGetProperty(member, out var value) || value.ValueKind != JsonValueKind.String || value.GetString()!.Length == 0)
                return $"no {member} in {body}";
        }

        if (body.GetProperty("status").GetInt32() != (int)status || body.GetProperty("error").GetString() != body.GetProperty("detail").GetString())
            return $"status or error differ in {body}";
        foreach (var fault in body.GetProperty("errors").EnumerateArray())
        {
            if (fault.GetProperty("code").GetString()!.Length == 0 || fault.GetProperty("detail").GetString()!.Length == 0)
                return $"an empty fault in {body}";
        }

        return null;
    }
}
