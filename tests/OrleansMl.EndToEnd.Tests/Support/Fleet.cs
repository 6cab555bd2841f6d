using System.Globalization;
using System.Text;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>
/// A small application that needs no data: devices send readings, the model <c>risk</c> says whether the input
/// <c>load</c> is above 0, and learns it after 40 outcomes.
/// </summary>
internal static class Fleet
{
    public const string Model = "risk";

    /// <summary>Rows before version 1.</summary>
    public const int Bootstrap = 40;

    public const string Yaml = """
        apiVersion: orleansml/v1
        kind: Application
        name: fleet
        clock: wall
        entities:
          - {name: device, attributes: {site: {type: string}}}
        events:
          - name: reading
            entity: device
            maxAge: 1d
            fields: {value: {type: float, range: [-1000, 1000]}}
        views:
          - name: total
            entity: device
            source: {event: reading}
            features:
              n: {agg: count, default: 0}
              sum: {agg: sum, field: value, default: 0}
        models:
          - name: risk
            entity: device
            inputs: {load: {type: float, range: [-10, 10], required: true}}
            features: [total:n]
            pipeline:
              - standard_scale: {columns: numeric}
            target: {name: failed, type: binary, classes: [fine, broken], window: 1d, default: none}
            learner:
              type: logistic_regression
              params: {learningRate: 0.5, adaptive: true, normalized: false}
              seed: 1
              serve: promoted
              bootstrap: {outcomes: 40, epochs: 3}
            promotion: {metric: log_loss, test: confidence_sequence, alpha: 0.05, minOutcomes: 100000, cooldown: 100 outcomes}
            postprocess: [{threshold: {at: 0.5, below: fine, above: broken}}]
        """;

    public static string Reading(string id, string device, int value) =>
        $$$"""{"id":"{{{id}}}","entity":{"type":"device","id":"{{{device}}}"},"type":"reading","fields":{"value":{{{value}}}}}""";

    public static string Predict(string device, double load, string? requestId = null, string more = "") => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"entity":{"type":"device","id":"{{{device}}}"},"inputs":{"load":{{{load:R}}}}{{{(requestId is null ? "" : $",\"requestId\":\"{requestId}\"")}}}{{{more}}}}""");

    public static string Outcome(string id, string predictionId, bool broken) =>
        $$$"""{"id":"{{{id}}}","predictionId":"{{{predictionId}}}","value":"{{{(broken ? "broken" : "fine")}}}"}""";

    /// <summary>Predictions with their truths, in batches of the size of the bootstrap; waits until they are learned.</summary>
    public static async Task TeachAsync(Api api, int rows, string prefix)
    {
        var random = new Random(11);
        var before = await ExamplesAsync(api);
        var loads = Enumerable.Range(0, rows).Select(_ => Math.Round((random.NextDouble() * 4) - 2, 3)).ToArray();
        var asked = await api.PostAsync($"/api/v1/models/{Model}/predict", Lines(loads.Select((load, i) => Predict($"{prefix}{i % 7}", load))), Api.Ndjson);
        var outcomes = asked.Done().Lines.Select((line, i) => Outcome($"{prefix}-o{i}", line.GetProperty("predictionId").GetString()!, loads[i] > 0));
        var recorded = await api.PostAsync("/api/v1/outcomes", Lines(outcomes), Api.Ndjson);
        Assert.Equal(rows.ToString(CultureInfo.InvariantCulture), recorded.Done()["accepted"]);
        await Eventually.IsAsync(async () => await ExamplesAsync(api) is var n && n == before + rows ? null : $"{n} examples, not {before + rows}");
    }

    /// <summary>Two versions of the model, the first is champion.</summary>
    public static async Task TeachTwoVersionsAsync(Api api)
    {
        await TeachAsync(api, Bootstrap, "first");
        await Eventually.IsAsync(async () => await ChampionAsync(api) is "1" ? null : "no version 1");
        await TeachAsync(api, 20, "second");
        (await api.PostAsync($"/api/v1/models/{Model}/learner/snapshot", "", null)).Done();
    }

    public static async Task<long> ExamplesAsync(Api api) => (await api.GetAsync($"/api/v1/models/{Model}/learner")).Done().Body.GetProperty("examples").GetInt64();

    public static async Task<string?> ChampionAsync(Api api)
    {
        var model = await api.GetAsync($"/api/v1/models/{Model}");
        return model.Status == 200 && model.Body.GetProperty("aliases").TryGetProperty("champion", out var champion) ? champion.GetString() : null;
    }

    /// <summary>A value of a feature of a device, by the public read.</summary>
    public static async Task<double> FeatureAsync(Api api, string device, string feature)
    {
        var read = await api.GetAsync($"/api/v1/entities/device/{Uri.EscapeDataString(device)}/features?features={feature}");
        return read.Done().Body.GetProperty("features")[0].GetProperty("value").GetDouble();
    }

    public static string Lines(IEnumerable<string> lines) => new StringBuilder().AppendJoin('\n', lines).ToString();
}
