using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Learning;

/// <summary>JSON of fitted pipelines, version 1: members in a fixed order, doubles in their shortest exact form.</summary>
internal static class PipelineJson
{
    private const int Version = 1;

    public static string Write(FittedPipeline pipeline)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            WriteArray(json, "columns", pipeline.InputSchema.Columns, column =>
            {
                json.WriteStartObject();
                json.WriteString("name", column.Name);
                json.WriteString("kind", column.Kind == ColumnKind.Numeric ? "numeric" : "categorical");
                json.WriteEndObject();
            });
            WriteArray(json, "stages", pipeline.Stages, stage =>
            {
                json.WriteStartObject();
                json.WriteString("stage", stage.Name);
                WriteStage(json, stage);
                json.WriteEndObject();
            });
            WriteArray(json, "warnings", pipeline.Warnings, json.WriteStringValue);
            if (pipeline.KeepsMissing)
                json.WriteBoolean("keepsMissing", true);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static FittedPipeline Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var version = root.GetProperty("version").GetInt32();
            if (version != Version)
                throw new PipelineException($"A pipeline of version {version} cannot be read; this program reads version {Version}.");
            var schema = new RowSchema(ReadArray(root, "columns", column => new Column(Text(column, "name"), Text(column, "kind") switch
            {
                "numeric" => ColumnKind.Numeric,
                "categorical" => ColumnKind.Categorical,
                var kind => throw new PipelineException($"A column's kind '{kind}' is neither numeric nor categorical."),
            })));
            var stages = ReadArray(root, "stages", ReadStage);
            FittedStageCheck.Check(schema, stages);
            return new FittedPipeline(schema, stages, ReadArray(root, "warnings", warning => warning.GetString()!), root.TryGetProperty("keepsMissing", out var keeps) && keeps.GetBoolean());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new PipelineException($"The text is not a fitted pipeline: {exception.Message}", exception);
        }
    }

    private static void WriteStage(Utf8JsonWriter json, FittedStage stage)
    {
        switch (stage)
        {
            case ImputeStage impute:
                WriteNumbers(json, "numbers", impute.Numbers);
                WriteArray(json, "texts", impute.Texts, fill => WriteColumn(json, fill.Column, () => json.WriteString("value", fill.Value)));
                break;
            case ScaleStage scale:
                WriteArray(json, "scales", scale.Scales, column => WriteColumn(json, column.Column, () =>
                {
                    json.WriteNumber("center", column.Center);
                    json.WriteNumber("scale", column.Scale);
                    json.WriteNumber("tolerance", column.Tolerance);
                }));
                break;
            case LogStage log:
                json.WriteNumber("offset", log.Offset);
                WriteNumbers(json, "floors", log.Floors);
                break;
            case ClipStage clip:
                WriteArray(json, "columns", clip.Columns, json.WriteStringValue);
                WriteBound(json, "min", clip.Min);
                WriteBound(json, "max", clip.Max);
                break;
            case OneHotStage oneHot:
                WriteCategories(json, oneHot.Categories);
                break;
            case OrdinalStage ordinal:
                WriteCategories(json, ordinal.Categories);
                break;
            case CrossStage cross:
                WriteArray(json, "columns", cross.Columns, json.WriteStringValue);
                json.WriteString("output", cross.Output);
                json.WriteBoolean("text", cross.IsText);
                break;
            case HashStage hash:
                WriteArray(json, "columns", hash.Columns, json.WriteStringValue);
                json.WriteNumber("bits", hash.Bits);
                break;
            case KMeansStage kmeans:
                WriteArray(json, "columns", kmeans.Columns, json.WriteStringValue);
                json.WriteString("prefix", kmeans.Prefix);
                WriteArray(json, "centres", kmeans.Centres, json.WriteNumberValue);
                break;
            case PcaStage pca:
                WriteArray(json, "columns", pca.Columns, json.WriteStringValue);
                json.WriteString("prefix", pca.Prefix);
                WriteArray(json, "means", pca.Components.Means, json.WriteNumberValue);
                WriteArray(json, "loadings", pca.Components.Loadings, json.WriteNumberValue);
                WriteArray(json, "variances", pca.Components.Variances, json.WriteNumberValue);
                json.WriteNumber("totalVariance", pca.Components.TotalVariance);
                break;
            default:
                throw new NotSupportedException($"A stage of type {stage.GetType().Name} cannot be written.");
        }
    }

    private static FittedStage ReadStage(JsonElement stage) => Text(stage, "stage") switch
    {
        "impute" => new ImputeStage(ReadNumbers(stage, "numbers"), ReadArray(stage, "texts", fill => new TextOf(Text(fill, "column"), Text(fill, "value")))),
        "standard_scale" or "min_max_scale" => new ScaleStage(Text(stage, "stage"), ReadArray(stage, "scales", column => new ColumnScale(Text(column, "column"), Number(column, "center"), Number(column, "scale"), Number(column, "tolerance")))),
        "log" => new LogStage(Number(stage, "offset"), ReadNumbers(stage, "floors")),
        "clip" => new ClipStage(ReadTexts(stage, "columns"), Bound(stage, "min"), Bound(stage, "max")),
        "one_hot" => new OneHotStage(ReadCategories(stage)),
        "ordinal" => new OrdinalStage(ReadCategories(stage)),
        "cross" => new CrossStage(ReadTexts(stage, "columns"), Text(stage, "output"), stage.GetProperty("text").GetBoolean()),
        "hash" => new HashStage(ReadTexts(stage, "columns"), stage.GetProperty("bits").GetInt32()),
        "kmeans" => new KMeansStage(ReadTexts(stage, "columns"), Text(stage, "prefix"), ReadArray(stage, "centres", Finite)),
        "pca" => new PcaStage(ReadTexts(stage, "columns"), Text(stage, "prefix"), new PrincipalComponents(ReadArray(stage, "means", Finite), ReadArray(stage, "loadings", Finite), ReadArray(stage, "variances", Finite), Number(stage, "totalVariance"))),
        var name => throw new PipelineException($"There is no pipeline stage '{name}'."),
    };

    private static void WriteArray<T>(Utf8JsonWriter json, string name, ImmutableArray<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        json.WriteEndArray();
    }

    private static void WriteColumn(Utf8JsonWriter json, string column, Action write)
    {
        json.WriteStartObject();
        json.WriteString("column", column);
        write();
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ImmutableArray<NumberOf> numbers)
        => WriteArray(json, name, numbers, number => WriteColumn(json, number.Column, () => json.WriteNumber("value", number.Value)));

    private static void WriteCategories(Utf8JsonWriter json, ImmutableArray<CategoriesOf> columns)
        => WriteArray(json, "categories", columns, categories => WriteColumn(json, categories.Column, () =>
        {
            WriteArray(json, "numbers", categories.Numbers, json.WriteNumberValue);
            WriteArray(json, "texts", categories.Texts, json.WriteStringValue);
        }));

    private static void WriteBound(Utf8JsonWriter json, string name, double? bound)
    {
        if (bound is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static ImmutableArray<T> ReadArray<T>(JsonElement parent, string name, Func<JsonElement, T> read)
        => [.. parent.GetProperty(name).EnumerateArray().Select(read)];

    private static ImmutableArray<NumberOf> ReadNumbers(JsonElement parent, string name)
        => ReadArray(parent, name, number => new NumberOf(Text(number, "column"), Number(number, "value")));

    private static ImmutableArray<CategoriesOf> ReadCategories(JsonElement stage)
        => ReadArray(stage, "categories", categories => new CategoriesOf(Text(categories, "column"), ReadArray(categories, "numbers", Finite), ReadTexts(categories, "texts")));

    private static ImmutableArray<string> ReadTexts(JsonElement parent, string name)
        => ReadArray(parent, name, text => text.GetString() ?? throw new JsonException($"'{name}' holds null."));

    private static string Text(JsonElement parent, string name)
        => parent.GetProperty(name).GetString() ?? throw new JsonException($"'{name}' is null.");

    private static double Number(JsonElement parent, string name) => Finite(parent.GetProperty(name));

    /// <summary>A literal beyond the range of doubles would be read as ∞.</summary>
    private static double Finite(JsonElement number)
        => number.GetDouble() is var value && double.IsFinite(value) ? value : throw new JsonException($"The number {number.GetRawText()} is beyond the range of doubles.");

    private static double? Bound(JsonElement parent, string name)
        => parent.GetProperty(name) is { ValueKind: JsonValueKind.Null } ? null : Number(parent, name);
}
