using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Predictions;

/// <summary>
/// The steps after the model, in order: calibrate its probability, combine the score with other columns, threshold it to a label,
/// map the label, keep the best k of a ranking. Part of a version's identity, as canonical JSON.
/// </summary>
public sealed class Postprocessor
{
    private readonly ImmutableArray<PostprocessDefinition> _steps;
    private readonly Calibrator? _calibrator;

    /// <exception cref="LearnerException">A calibration's map is none.</exception>
    public Postprocessor(ImmutableArray<PostprocessDefinition> steps)
    {
        _steps = steps;
        _calibrator = steps.FirstOrDefault(s => s.Calibrate is not null)?.Calibrate?.Map is { } map ? Calibrator.FromJson(map) : null;
    }

    /// <summary>It works on one score, which an answer of more than two classes has not.</summary>
    public bool NeedsOneScore => _steps.Any(s => s.Calibrate is not null || s.Combine is not null || s.Threshold is not null);

    /// <summary>How many candidates of a ranking stay; null: all.</summary>
    public int? TopK => _steps.LastOrDefault(s => s.TopK is not null)?.TopK;

    /// <summary>Threshold above which the label is the positive one; 0.5 without such a step.</summary>
    public double Threshold => _steps.LastOrDefault(s => s.Threshold is not null)?.Threshold?.At ?? 0.5;

    /// <summary>The model's probability as it is answered; the score itself where nothing is calibrated.</summary>
    public double Calibrate(double score) => _calibrator is null ? score : _calibrator.Calibrate(Math.Clamp(score, 0, 1));

    /// <summary>Score and label after the steps.</summary>
    /// <param name="score">The model's: a probability or a number.</param>
    /// <param name="label">The model's label; null: none yet.</param>
    /// <param name="column">Gives a numeric column of the vector by name; NaN when it is missing.</param>
    public (double Score, string? Label) Apply(double score, string? label, Func<string, double> column)
    {
        foreach (var step in _steps)
        {
            if (step.Calibrate is not null)
            {
                score = Calibrate(score);
            }
            else if (step.Combine is { } weights)
            {
                double sum = 0;
                foreach (var (name, weight) in weights)
                {
                    var value = name == "score" ? score : column(name);
                    if (!double.IsNaN(value))
                        sum += weight * value;
                }

                // JSON knows no infinity; so large a score orders as the largest number does.
                score = Math.Clamp(sum, double.MinValue, double.MaxValue);
            }
            else if (step.Threshold is { } threshold)
            {
                label = score < threshold.At ? threshold.Below : threshold.Above;
            }
            else if (step.LabelMap is { } map && label is not null && map.TryGetValue(label, out var mapped))
            {
                label = mapped;
            }
        }

        return (score, label);
    }

    /// <summary>Canonical JSON: the same steps give the same bytes.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var step in _steps)
            {
                json.WriteStartObject();
                if (step.Calibrate is { } calibrate)
                {
                    json.WriteStartObject("calibrate");
                    json.WriteString("method", calibrate.Method);
                    if (calibrate.Map is { } map)
                    {
                        json.WritePropertyName("map");
                        json.WriteRawValue(map);
                    }

                    json.WriteEndObject();
                }

                if (step.Combine is { } weights)
                {
                    json.WriteStartObject("combine");
                    foreach (var (name, weight) in weights)
                        json.WriteNumber(name, weight);
                    json.WriteEndObject();
                }

                if (step.Threshold is { } threshold)
                {
                    json.WriteStartObject("threshold");
                    json.WriteNumber("at", threshold.At);
                    json.WriteString("below", threshold.Below);
                    json.WriteString("above", threshold.Above);
                    json.WriteEndObject();
                }

                if (step.LabelMap is { } labels)
                {
                    json.WriteStartObject("label_map");
                    foreach (var (from, to) in labels)
                        json.WriteString(from, to);
                    json.WriteEndObject();
                }

                if (step.TopK is { } k)
                {
                    json.WriteStartObject("top_k");
                    json.WriteNumber("k", k);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Of a version.</summary>
    public static Postprocessor Of(VersionManifest manifest) => manifest.Postprocess is { } steps ? FromJson(steps) : new Postprocessor([]);

    /// <exception cref="FormatException">The text is not such a list; the message says what is wrong.</exception>
    public static Postprocessor FromJson(string text)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(text);
            root = document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new FormatException($"postprocess is not JSON: {exception.Message}", exception);
        }

        if (root.ValueKind != JsonValueKind.Array)
            throw new FormatException($"postprocess is {root.ValueKind}; give a list of steps.");
        var steps = ImmutableArray.CreateBuilder<PostprocessDefinition>();
        foreach (var step in root.EnumerateArray())
        {
            if (step.ValueKind != JsonValueKind.Object || step.EnumerateObject().Count() != 1)
                throw new FormatException($"postprocess[{steps.Count}] must be an object with one member: calibrate, threshold, label_map, combine or top_k.");
            var member = step.EnumerateObject().First();
            steps.Add(ReadStep(member, steps.Count));
        }

        return new Postprocessor(steps.ToImmutable());
    }

    private static PostprocessDefinition ReadStep(JsonProperty member, int index)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"postprocess[{index}].{member.Name}");
        if (member.Value.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{where} must be an object.");
        switch (member.Name)
        {
            case "calibrate":
                return new PostprocessDefinition { Calibrate = ReadCalibrate(member.Value, where, index) };
            case "threshold":
                return new PostprocessDefinition
                {
                    Threshold = new ThresholdStep(Number(member.Value, "at", where), Text(member.Value, "below", where), Text(member.Value, "above", where)),
                };
            case "label_map":
                return new PostprocessDefinition { LabelMap = member.Value.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => Text(member.Value, p.Name, where)) };
            case "combine":
                return new PostprocessDefinition { Combine = member.Value.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => Number(member.Value, p.Name, where)) };
            case "top_k":
                return Number(member.Value, "k", where) is >= 1 and <= 10_000 and var k && k == Math.Floor(k)
                    ? new PostprocessDefinition { TopK = (int)k }
                    : throw new FormatException($"{where}.k must be a whole number from 1 to 10,000.");
            default:
                throw new FormatException($"{where} is not a step; there are calibrate, threshold, label_map, combine and top_k.");
        }
    }

    private static CalibrateStep ReadCalibrate(JsonElement step, string where, int index)
    {
        if (index > 0)
            throw new FormatException($"{where} maps the model's own probability: put it first.");
        if (Text(step, "method", where) is not ("platt" or "isotonic" or "temperature") and var method)
            throw new FormatException($"{where}.method is '{method}'; there are platt, isotonic and temperature.");
        if (!step.TryGetProperty("map", out var map))
            return new CalibrateStep(Text(step, "method", where));
        try
        {
            return new CalibrateStep(Text(step, "method", where), Calibrator.FromJson(map.GetRawText()).ToJson());
        }
        catch (LearnerException exception)
        {
            throw new FormatException($"{where}.map: {exception.Message}", exception);
        }
    }

    private static double Number(JsonElement parent, string name, string where) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw new FormatException($"{where}.{name} must be a number.");

    private static string Text(JsonElement parent, string name, string where) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"{where}.{name} must be a text.");
}
