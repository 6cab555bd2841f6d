using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Learning;

/// <summary>JSON of searches, version 1.</summary>
internal static class TuningJson
{
    private const int Version = 1;

    public static string Write(TuningReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("trainer", report.Trainer);
            json.WriteString("metric", report.Metric);
            json.WriteString("direction", report.IsHigherBetter ? "max" : "min");
            json.WriteString("method", report.Options.Method == TuningMethod.Random ? "random" : "halving");
            json.WriteNumber("trialsAsked", report.Options.Trials);
            if (report.Options.Seconds is { } seconds)
                json.WriteNumber("secondsAsked", seconds);
            json.WriteNumber("seed", report.Options.Seed);
            json.WriteBoolean("outOfTime", report.IsOutOfTime);
            if (report.Best is { } best)
                json.WriteNumber("best", best.Number);
            json.WriteStartArray("trials");
            foreach (var trial in report.Trials)
                WriteTrial(json, trial);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static TuningReport Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var version = root.GetProperty("version").GetInt32();
            if (version != Version)
                throw new LearnerException($"A search of version {version} cannot be read; this program reads version {Version}.");
            var options = new TuningOptions
            {
                Method = Text(root, "method") switch
                {
                    "random" => TuningMethod.Random,
                    "halving" => TuningMethod.Halving,
                    var method => throw new JsonException($"there is no method '{method}'"),
                },
                Trials = root.GetProperty("trialsAsked").GetInt32(),
                Seconds = root.TryGetProperty("secondsAsked", out var seconds) ? seconds.GetDouble() : null,
                Seed = root.GetProperty("seed").GetInt64(),
            };
            return new TuningReport(Text(root, "trainer"), Text(root, "metric"), Text(root, "direction") == "max", options, [.. root.GetProperty("trials").EnumerateArray().Select(ReadTrial)], root.GetProperty("outOfTime").GetBoolean());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new LearnerException($"The text is no search of parameters: {exception.Message}", exception);
        }
    }

    private static void WriteTrial(Utf8JsonWriter json, TuningTrial trial)
    {
        json.WriteStartObject();
        json.WriteNumber("number", trial.Number);
        json.WriteString("state", Name(trial.State));
        json.WriteStartObject("parameters");
        foreach (var (name, value) in trial.Parameters)
        {
            switch (value)
            {
                case bool flag:
                    json.WriteBoolean(name, flag);
                    break;
                case string word:
                    json.WriteString(name, word);
                    break;
                default:
                    json.WriteNumber(name, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                    break;
            }
        }

        json.WriteEndObject();
        if (trial.Score is { } score)
            json.WriteNumber("score", score);
        json.WriteStartArray("rungs");
        foreach (var rung in trial.Rungs)
        {
            json.WriteStartObject();
            json.WriteNumber("share", rung.Share);
            json.WriteStartArray("scores");
            foreach (var one in rung.Scores)
                json.WriteNumberValue(one);
            json.WriteEndArray();
            json.WriteNumber("seconds", rung.Seconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (trial.Reason is not null)
            json.WriteString("reason", trial.Reason);
        if (trial.FailedSeconds > 0)
            json.WriteNumber("failedSeconds", trial.FailedSeconds);
        json.WriteEndObject();
    }

    private static TuningTrial ReadTrial(JsonElement trial) => new(
        trial.GetProperty("number").GetInt32(),
        trial.GetProperty("parameters").EnumerateObject().ToImmutableSortedDictionary(member => member.Name, member => Value(member.Value), StringComparer.Ordinal),
        Enum.GetValues<TrialState>().Cast<TrialState?>().FirstOrDefault(state => Name(state!.Value) == Text(trial, "state")) ?? throw new JsonException($"there is no state '{Text(trial, "state")}'"),
        [.. trial.GetProperty("rungs").EnumerateArray().Select(rung => new TrialRung(rung.GetProperty("share").GetDouble(), [.. rung.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())], rung.GetProperty("seconds").GetDouble()))],
        trial.TryGetProperty("reason", out var reason) ? reason.GetString() : null)
    {
        FailedSeconds = trial.TryGetProperty("failedSeconds", out var seconds) ? seconds.GetDouble() : 0,
    };

    private static object Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => value.GetString() ?? throw new JsonException("a parameter is null"),
    };

    private static string Name(TrialState state) => state switch
    {
        TrialState.Open => "open",
        TrialState.Completed => "completed",
        TrialState.Pruned => "pruned",
        _ => "failed",
    };

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new JsonException($"'{name}' is null");
}
