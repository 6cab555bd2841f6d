using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Monitoring;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Monitoring;

/// <summary>Predictions of a model with monitors, as the log holds them.</summary>
internal static class Watched
{
    public static readonly DateTime Start = new(2026, 1, 5, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>An application with one model of numbers c0, c1, …, of a text column <c>kind</c>, and a binary target.</summary>
    public static string Yaml(string name, int columns, string monitors) => $$"""
        apiVersion: orleansml/v1
        kind: Application
        name: {{name}}
        entities:
          - {name: {{name}}-client}
        models:
          - name: {{name}}
            entity: {{name}}-client
            inputs: { {{string.Join(", ", Enumerable.Range(0, columns).Select(i => $"c{i}: {{type: float}}").Append("kind: {type: string}"))}} }
            target: {name: {{name}}-y, type: binary, window: 1h}
            monitors: [{{monitors.ReplaceLineEndings(" ")}}]
        """;

    public static CompiledModel Compile(int columns, string monitors)
    {
        var source = Yaml("watched", columns, monitors);
        var read = ApplicationReader.Read(source);
        Assert.Empty(read.Faults);
        var applied = new AppliedApplication("watched", 1, source, Start, ImmutableDictionary<string, int>.Empty);
        return CompiledModel.Compile(applied, read.Definition!, read.Definition!.Models[0], 1);
    }

    public static ModelMonitor Monitor(int columns, string monitor)
    {
        var model = Compile(columns, monitor);
        return new ModelMonitor(model.Definition.Monitors[0], model, 0);
    }

    public static PredictionRecord Prediction(string model, int number, double?[] columns, string? kind = null, double? score = null, double? label = null, int version = 1) => new()
    {
        PredictionId = $"{model}-{number:d7}",
        Model = model,
        Version = version,
        EntityKey = new EntityId(model + "-client", "1").ToGrainKey(),
        Target = model + "-y",
        Time = Start.AddSeconds(number),
        Created = Start.AddSeconds(number),
        Score = score,
        Label = label,
        Vector = VectorCodec.Encode(
        [
            .. columns.Select((value, i) => new FeatureValue($"c{i}", value is { } number ? Scalar.Of(number) : Scalar.Missing, value is null ? FeatureStatus.Missing : FeatureStatus.Present, null, false)),
            new FeatureValue("kind", kind is null ? Scalar.Missing : Scalar.Of(kind), kind is null ? FeatureStatus.Missing : FeatureStatus.Present, null, false),
        ]),
        Response = "{}"u8.ToArray(),
        Lineage = 1,
    };

    public static MonitorRow Row(int number, double?[] columns, string? kind = null, double? score = null, double? label = null) =>
        new(new FedPrediction(number, Prediction("watched", number, columns, kind, score, label)));

    /// <summary>A standard normal value.</summary>
    public static double Normal(this Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
