using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>The files by which a training program and this one speak.</summary>
internal static class CommandFolder
{
    public const string Train = "train.csv";
    public const string Validation = "validation.csv";
    public const string Schema = "schema.json";
    public const string Parameters = "params.json";
    public const string Model = "model.onnx";
    public const string Metrics = "metrics.json";

    /// <summary>The column of the target, and of the weights.</summary>
    public const string TargetColumn = "__target__";

    /// <inheritdoc cref="TargetColumn"/>
    public const string WeightColumn = "__weight__";

    private const int MaxMetricsBytes = 1 << 20;
    private const int MaxMetrics = 1000;
    private const int MaxNameLength = 200;

    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    /// <summary>Writes everything that the program reads.</summary>
    public static void Write(string folder, CommandTrainingData data, CommandTrainerSettings settings)
    {
        var weighted = data.Train.Weights is not null || data.Validation?.Weights is not null;
        WriteRows(Path.Combine(folder, Train), data, data.Train, weighted);
        WriteRows(Path.Combine(folder, Validation), data, data.Validation, weighted);
        WriteJson(Path.Combine(folder, Parameters), json => WriteParameters(json, settings.Parameters));
        WriteJson(Path.Combine(folder, Schema), json => WriteSchema(json, data, weighted));
    }

    /// <summary>What the program says of its model.</summary>
    /// <exception cref="CommandTrainerException">bad_metrics.</exception>
    public static ImmutableSortedDictionary<string, double> ReadMetrics(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, Metrics));
        if (!file.Exists)
            throw Bad($"there is none; write at least {{\"metrics\": {{}}}}");
        if (file.Length is 0 or > MaxMetricsBytes)
            throw Bad($"it has {file.Length.ToString(CultureInfo.InvariantCulture)} bytes; 1 to {MaxMetricsBytes.ToString(CultureInfo.InvariantCulture)} are taken");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file.FullName), new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("metrics", out var metrics) || metrics.ValueKind != JsonValueKind.Object)
                throw Bad("it is no object with a member 'metrics' that is an object");
            var read = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
            foreach (var metric in metrics.EnumerateObject())
            {
                if (metric.Value.ValueKind != JsonValueKind.Number || !metric.Value.TryGetDouble(out var value) || !double.IsFinite(value))
                    throw Bad($"'{metric.Name}' is {metric.Value.GetRawText()}; a metric is a finite number");
                if (metric.Name.Length is 0 or > MaxNameLength || read.Count == MaxMetrics)
                    throw Bad($"it may hold {MaxMetrics} metrics, with names of 1 to {MaxNameLength} characters");
                read.Add(metric.Name, value);
            }

            return read.ToImmutable();
        }
        catch (Exception exception) when (exception is JsonException or IOException or InvalidOperationException)
        {
            throw Bad($"it is no JSON: {exception.Message}");
        }

        static CommandTrainerException Bad(string why) => new(CommandTrainerCodes.BadMetrics, $"The trainer's {Metrics} cannot be used: {why}.");
    }

    private static void WriteRows(string path, CommandTrainingData data, TrainingRows? rows, bool weighted)
    {
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 64 * 1024) { NewLine = "\n" };
        foreach (var name in data.Features)
        {
            writer.Write(Quoted(name));
            writer.Write(',');
        }

        writer.Write(TargetColumn);
        writer.WriteLine(weighted ? "," + WeightColumn : "");
        Span<char> text = stackalloc char[32];
        for (var row = 0; row < rows?.Count; row++)
        {
            // A served row is float32, so the program learns from no more.
            foreach (var value in rows.Dense.AsSpan(row * rows.DenseCount, rows.DenseCount))
            {
                if (!double.IsNaN(value))
                    Write(writer, (float)value, text);
                writer.Write(',');
            }

            Write(writer, rows.Targets[row], text);
            if (weighted)
            {
                writer.Write(',');
                Write(writer, rows.WeightOf(row), text);
            }

            writer.Write('\n');
        }
    }

    private static void Write<T>(StreamWriter writer, T value, Span<char> text)
        where T : ISpanFormattable
    {
        // The shortest text that reads back as the same number.
        value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        writer.Write(text[..length]);
    }

    private static void WriteSchema(Utf8JsonWriter json, CommandTrainingData data, bool weighted)
    {
        json.WriteStartObject();
        json.WriteStartArray("columns");
        for (var i = 0; i < data.Features.Length; i++)
        {
            var categories = data.Categories.IsDefaultOrEmpty ? 0 : data.Categories[i];
            json.WriteStartObject();
            json.WriteString("name", data.Features[i]);
            json.WriteString("kind", categories == 0 ? "number" : "category");
            if (categories > 0)
                json.WriteNumber("categories", categories);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("target");
        json.WriteString("name", data.Target);
        json.WriteString("column", TargetColumn);
        json.WriteString("type", data.Classes.IsEmpty ? "regression" : data.Classes.Length == 2 ? "binary" : "multiclass");
        json.WriteStartArray("classes");
        foreach (var name in data.Classes)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
        if (weighted)
            json.WriteString("weight", WeightColumn);
        else
            json.WriteNull("weight");
        json.WriteNumber("trainRows", data.Train.Count);
        json.WriteNumber("validationRows", data.Validation?.Count ?? 0);
        json.WriteNumber("seed", data.Seed);
        json.WriteNumber("threads", data.Threads);
        json.WriteEndObject();
    }

    private static void WriteParameters(Utf8JsonWriter json, ImmutableSortedDictionary<string, object> parameters)
    {
        json.WriteStartObject();
        foreach (var (name, value) in parameters)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value);
        }

        json.WriteEndObject();
    }

    private static void WriteJson(string path, Action<Utf8JsonWriter> write)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, s_indented);
        write(json);
    }

    /// <summary>RFC 4180.</summary>
    private static string Quoted(string name)
        => name.AsSpan().IndexOfAny(",\"\r\n") < 0 ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
