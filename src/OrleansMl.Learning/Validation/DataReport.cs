using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Learning;

/// <summary>What was found about rows, errors first.</summary>
/// <param name="Rows">How many there are.</param>
/// <param name="Findings">Empty: nothing is odd.</param>
public sealed record DataReport(int Rows, ImmutableArray<DataFinding> Findings)
{
    private const int Version = 1;

    public bool HasErrors => Findings.Any(finding => finding.Severity == FindingSeverity.Error);

    /// <summary>Why nothing should be trained on these rows; null: nothing stands against it.</summary>
    public string? Reason => HasErrors ? string.Join(' ', Findings.Where(finding => finding.Severity == FindingSeverity.Error).Select(finding => finding.Detail)) : null;

    /// <summary>JSON; equal reports give equal text.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteNumber("rows", Rows);
            json.WriteStartArray("findings");
            foreach (var finding in Findings)
            {
                json.WriteStartObject();
                json.WriteString("check", finding.Check);
                if (finding.Column is not null)
                    json.WriteString("column", finding.Column);
                json.WriteString("severity", finding.Severity == FindingSeverity.Error ? "error" : "warning");
                json.WriteNumber("value", finding.Value);
                if (finding.Limit is { } limit)
                    json.WriteNumber("limit", limit);
                json.WriteString("detail", finding.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="LearnerException">It is no report of version 1.</exception>
    public static DataReport FromJson(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() is not Version and var version)
                throw new LearnerException($"A validation of version {version} cannot be read; this program reads version {Version}.");
            return new DataReport(root.GetProperty("rows").GetInt32(), [.. root.GetProperty("findings").EnumerateArray().Select(finding => new DataFinding(
                Text(finding, "check"),
                finding.TryGetProperty("column", out var column) ? column.GetString() : null,
                Text(finding, "severity") == "error" ? FindingSeverity.Error : FindingSeverity.Warning,
                finding.GetProperty("value").GetDouble(),
                finding.TryGetProperty("limit", out var limit) ? limit.GetDouble() : null,
                Text(finding, "detail")))]);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new LearnerException($"The text is no validation of data: {exception.Message}", exception);
        }
    }

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new JsonException($"'{name}' is null");
}
