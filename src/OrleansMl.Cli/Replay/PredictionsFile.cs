using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Cli.Replay;

/// <summary>Writes <c>predictions.ndjson</c>: one line for each row.</summary>
internal static class PredictionsFile
{
    public static async Task WriteAsync(string file, IEnumerable<ReplayRow> rows, TargetValues target, CancellationToken cancellationToken)
    {
        var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16, useAsync: true);
        await using (stream.ConfigureAwait(false))
        {
            var line = new System.Buffers.ArrayBufferWriter<byte>(512);
            var json = new Utf8JsonWriter(line);
            await using (json.ConfigureAwait(false))
            {
                foreach (var row in rows)
                {
                    line.ResetWrittenCount();
                    json.Reset();
                    Write(json, row, target);
                    await json.FlushAsync(cancellationToken).ConfigureAwait(false);
                    line.GetSpan(1)[0] = (byte)'\n';
                    line.Advance(1);
                    await stream.WriteAsync(line.WrittenMemory, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    private static void Write(Utf8JsonWriter json, ReplayRow row, TargetValues target)
    {
        json.WriteStartObject();
        json.WriteNumber("row", row.Index);
        json.WriteString("predictionId", row.PredictionId);
        json.WriteString("modelVersion", row.ModelVersion?.ToString(CultureInfo.InvariantCulture));
        if (row.Score is { } score)
            json.WriteNumber("score", score);
        else
            json.WriteNull("score");
        json.WriteString("label", row.Label);
        WriteValue(json, "truth", row.Truth, target);
        WriteValue(json, "frozenLabel", row.Frozen, target);
        json.WriteEndObject();
    }

    /// <summary>A class by its name, a number as it is, NaN as null.</summary>
    private static void WriteValue(Utf8JsonWriter json, string name, double value, TargetValues target)
    {
        if (target.IsRegression && double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteString(name, target.Name(value));
    }
}
