using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Services;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>Trees from a data set with texts and missing values to what is served.</summary>
[Collection(LoopCollection.Name)]
public sealed class BoostedTreesTests(LoopFixture loop)
{
    private static readonly ImmutableArray<string> s_cities = ["Bern", "Genf", "Zug"];

    private const string Trees = """
            trainer:
              type: gradient_boosted_trees
              params: {iterations: 40, maxLeaves: 8}

        """;

    [Fact]
    public async Task Trees_of_texts_and_missing_values_are_trained_promoted_and_answer_as_the_core_does()
    {
        var toy = await AppliedAsync();
        var result = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(Csv(toy, 600))) with { Trainer = null });
        Assert.Equal(("promoted", "gradient_boosted_trees"), (result.GetProperty("decision").GetString(), result.GetProperty("trainer").GetProperty("type").GetString()));
        Assert.Equal(1, await toy.ChampionAsync());

        var manifest = (await toy.ModelAsync()).Versions.Single().Manifest;
        var (said, kept) = (result.GetProperty("importances"), manifest.Lineage!);
        Assert.Equal(("gain", "gain"), (said.GetProperty("measure").GetString(), kept.ImportanceMeasure));
        Assert.Equal(["city", "z"], kept.Importances.Take(2).Select(one => one.Column).Order());
        Assert.Equal(1, kept.Importances.Sum(one => one.Importance), 1e-9);
        Assert.Equal(kept.Importances.Select(one => (one.Column, one.Importance)), said.GetProperty("columns").EnumerateArray().Select(one => (one.GetProperty("column").GetString()!, one.GetProperty("importance").GetDouble())));
        var pipeline = FittedPipeline.FromJson(manifest.Pipeline!);
        Assert.True(pipeline.KeepsMissing);
        using var core = CoreModel.Load(await loop.Store.Artifacts.GetAsync(manifest.CoreSha256!));

        // The truth is "z is missing, or it is Genf": neither is a threshold of numbers. A city that nobody saw counts as missing.
        foreach (var (z, city, isYes) in new (double?, string?, bool?)[]
        {
            (1, "Bern", false), (-1.5, "Zug", false), (1, "Genf", true), (-1.5, "Genf", true), (null, "Bern", true), (null, "Zug", true), (null, "Genf", true), (0.5, "Basel", null), (0.5, null, null), (null, null, null),
        })
        {
            var answer = await PredictAsync(toy, z, city);
            Assert.Equal((1, null), (answer.Version, answer.Fallback));
            Assert.Equal(Score(pipeline, core, answer), answer.Score!.Value, 1e-6);
            if (isYes is { } yes)
                Assert.Equal(yes ? "yes" : "no", answer.Label);
            if (isYes is not null)
                Assert.InRange(answer.Score.Value, isYes.Value ? 0.8 : 0, isYes.Value ? 1 : 0.2);
        }
    }

    private async Task<RetrainToy> AppliedAsync()
    {
        var toy = new RetrainToy(loop);
        var yaml = toy.Toy.Yaml(minOutcomes: 30);
        var (learner, promotion) = (yaml.IndexOf("    learner:", StringComparison.Ordinal), yaml.IndexOf("    promotion:", StringComparison.Ordinal));
        yaml = (yaml[..learner] + Trees + yaml[promotion..])
            .Replace("      - impute: {columns: all, strategy: mean}\n      - standard_scale: {columns: numeric}\n", "      - ordinal: {columns: categorical}\n", StringComparison.Ordinal)
            .Replace("inputs: {z: {type: float, range: [-10, 10]}}", "inputs: {z: {type: float, range: [-10, 10]}, city: {type: string}}", StringComparison.Ordinal);
        await toy.Toy.ApplyAsync(yaml);
        return toy;
    }

    private static string Csv(RetrainToy toy, int rows)
    {
        var random = new Random(41);
        var text = new StringBuilder($"z,city,{toy.Toy.View}:x,{toy.Toy.Target}\n");
        for (var i = 0; i < rows; i++)
        {
            var (isMissing, z, city) = (random.Next(4) == 0, (random.NextDouble() * 4) - 2, s_cities[random.Next(3)]);
            text.Append(CultureInfo.InvariantCulture, $"{(isMissing ? "" : z.ToString("R", CultureInfo.InvariantCulture))},{city},{(random.Next(5) == 0 ? "" : "0.5")},{((isMissing || city == "Genf") == random.NextDouble() > 0.02 ? "yes" : "no")}\n");
        }

        return text.ToString();
    }

    private async Task<PredictResponse> PredictAsync(RetrainToy toy, double? z, string? city)
    {
        var inputs = ImmutableArray.CreateBuilder<NamedValue>();
        if (z is { } number)
            inputs.Add(new NamedValue("z", Scalar.Of(number)));
        if (city is not null)
            inputs.Add(new NamedValue("city", Scalar.Of(city)));
        var predicted = await loop.Get<IPredictionService>().PredictAsync(new PredictRequest { Model = toy.Name, Entity = toy.Toy.Entity(), Inputs = inputs.ToImmutable(), IncludeFeatures = true }, default);
        Assert.True(predicted.IsSuccess, predicted.Error?.Detail);
        return predicted.Value;
    }

    /// <summary>The core's score of the vector that was served.</summary>
    private static double Score(FittedPipeline pipeline, CoreModel core, PredictResponse answer)
    {
        var values = answer.Features.ToDictionary(feature => feature.Name, feature => feature.Value, StringComparer.Ordinal);
        var columns = pipeline.InputSchema.Columns;
        var row = new Row(
            [.. columns.Where(column => column.Kind == ColumnKind.Numeric).Select(column => values.TryGetValue(column.Name, out var value) ? value.AsNumber() : double.NaN)],
            [.. columns.Where(column => column.Kind == ColumnKind.Categorical).Select(column => values.TryGetValue(column.Name, out var value) ? value.AsText() : null)]);
        var dense = new double[pipeline.DenseCount];
        pipeline.Transform(row, dense, [], []);
        return core.Score(Array.ConvertAll(dense, number => (float)number));
    }
}
