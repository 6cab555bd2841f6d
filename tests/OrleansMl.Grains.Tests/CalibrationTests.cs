using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration;
using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests;

/// <summary>Calibration as a stage of a version, from its fit by the trainer to the answer.</summary>
[Collection(LoopCollection.Name)]
public sealed class CalibrationTests(LoopFixture loop)
{
    [Fact]
    public async Task An_overconfident_learners_answers_are_calibrated_and_what_it_is_compared_by_is_not()
    {
        var name = await ApplyAsync(bootstrap: 400);
        await TeachAsync(name, 400, 1);
        var manifest = (await loop.Control.GetModelAsync(name, default)).Value.Versions.Single().Manifest;
        Assert.Equal("platt on 200 outcomes", manifest.Tags["calibration"]);

        var answers = await TeachAsync(name, 300, 2);
        var records = (await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = name, Version = 1, Limit = 1000 })).Where(r => r.Label is not null).ToArray();
        Assert.Equal(300, records.Length);
        var byId = records.ToDictionary(r => r.PredictionId);
        records = [.. answers.Select(a => byId[a.PredictionId])];
        var labels = records.Select(r => r.Label!.Value).ToArray();
        var raw = Error(records.Select(r => r.Score!.Value).ToArray(), labels);
        var calibrated = Error(answers.Select(a => a.Score!.Value).ToArray(), labels);
        Assert.True(raw > 0.12, $"raw {raw}");
        Assert.True(calibrated < 0.09 && calibrated < raw / 2, $"raw {raw}, calibrated {calibrated}");
        var postprocessor = Postprocessor.Of(manifest);
        Assert.All(answers.Zip(records), pair =>
        {
            Assert.Equal(postprocessor.Calibrate(pair.Second.Score!.Value), pair.First.Score!.Value);
            Assert.Equal(pair.First.Score!.Value, pair.First.Values[1].Value.AsNumber());
            Assert.Equal(pair.First.Score >= 0.5 ? "1" : "0", pair.First.Label);
        });
    }

    [Fact]
    public async Task Too_few_outcomes_leave_the_score_as_it_is_and_the_version_says_why()
    {
        var name = await ApplyAsync(bootstrap: 60);
        await TeachAsync(name, 60, 1);
        var manifest = (await loop.Control.GetModelAsync(name, default)).Value.Versions.Single().Manifest;
        Assert.StartsWith("none: platt needs 100 outcomes", manifest.Tags["calibration"], StringComparison.Ordinal);
        Assert.Equal("""[{"calibrate":{"method":"platt"}}]""", manifest.Postprocess);
        var answer = (await TeachAsync(name, 1, 3)).Single();
        Assert.Equal(1, answer.Version);
        Assert.Equal((await loop.Store.Predictions.FindAsync(answer.PredictionId))!.Score, answer.Score);
    }

    [Theory]
    [InlineData("platt")]
    [InlineData("isotonic")]
    [InlineData("temperature")]
    public void Every_method_lowers_the_error_of_an_overconfident_score_and_comes_back_from_JSON(string method)
    {
        var random = new Random(5);
        var pairs = new CalibrationPairs();
        for (var i = 0; i < 3000; i++)
        {
            var logit = (random.NextDouble() * 4) - 2;
            pairs.Add(1 / (1 + Math.Exp(-5 * logit)), random.NextDouble() < 1 / (1 + Math.Exp(-logit)) ? 1 : 0);
        }

        Assert.Equal(CalibrationPairs.Capacity, pairs.Count);
        pairs = CalibrationPairs.Restore(pairs.Save());
        ImmutableArray<PostprocessDefinition> declared = [new PostprocessDefinition { Calibrate = new CalibrateStep(method) }, new PostprocessDefinition { TopK = 3 }];
        var (steps, fitted, whyNot) = CalibrationStage.Fit(declared, pairs);
        Assert.Equal(($"{method} on 2000 outcomes", null), (fitted, whyNot));
        var postprocessor = new Postprocessor(steps);
        Assert.Equal(postprocessor.ToJson(), Postprocessor.FromJson(postprocessor.ToJson()).ToJson());
        var (predictions, labels) = pairs.ToArrays();
        var before = Error(predictions, labels);
        var after = Error([.. predictions.Select(p => Postprocessor.FromJson(postprocessor.ToJson()).Apply(p, null, _ => 0).Score)], labels);
        Assert.True(before > 0.15 && after < 0.04, $"before {before}, after {after}");
        Assert.Equal(3, postprocessor.TopK);
    }

    [Fact]
    public void Without_a_map_nothing_is_changed_and_a_wrong_map_is_refused()
    {
        Assert.Equal(0.7, new Postprocessor([new PostprocessDefinition { Calibrate = new CalibrateStep("platt") }]).Calibrate(0.7));
        Assert.Throws<FormatException>(() => Postprocessor.FromJson("""[{"calibrate":{"method":"platt","map":{"calibrator":"platt","a":1,"b":0}}}]"""));
        Assert.Throws<FormatException>(() => Postprocessor.FromJson("""[{"calibrate":{"method":"guess"}}]"""));
        Assert.Throws<InvalidDataException>(() => CalibrationPairs.Restore([1, 0, 0, 0, 0, 9, 0, 0, 0]));
    }

    private static double Error(double[] probabilities, double[] labels) => ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualWidth(probabilities, labels));

    /// <summary>Six columns that say the same: naive Bayes counts the evidence six times.</summary>
    private async Task<string> ApplyAsync(int bootstrap)
    {
        var name = "cal" + Guid.NewGuid().ToString("n")[..10];
        var inputs = string.Join(", ", Enumerable.Range(0, 6).Select(i => $"a{i}: {{type: float}}"));
        var applied = await loop.Control.ApplyAsync(new ApplyRequest($$$$"""
            apiVersion: orleansml/v1
            kind: Application
            name: {{{{name}}}}
            clock: wall
            entities: [{name: {{{{name}}}}-client}]
            models:
              - name: {{{{name}}}}
                entity: {{{{name}}}}-client
                inputs: {{{{{inputs}}}}}
                pipeline:
                  - impute: {columns: all, strategy: mean}
                target: {name: y, type: binary, window: 1h}
                learner: {type: naive_bayes, seed: 1, bootstrap: {outcomes: {{{{bootstrap}}}}, epochs: 1}}
                promotion: {metric: log_loss, minOutcomes: 5000}
                postprocess: [{calibrate: {method: platt}}]
            """), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail + string.Join("; ", applied.Error?.Faults.Select(f => $"{f.Line}:{f.Column} {f.Detail}") ?? []));
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
        return name;
    }

    /// <summary>Truths that follow x with the odds e^x; what was learned is served before the answer is given back.</summary>
    private async Task<List<PredictResponse>> TeachAsync(string name, int rows, int seed)
    {
        var random = new Random(seed);
        var answers = new List<PredictResponse>();
        for (var i = 0; i < rows; i++)
        {
            var x = (random.NextDouble() * 4) - 2;
            var predicted = await loop.Predictions.PredictAsync(new PredictRequest
            {
                Model = name,
                Entity = new EntityId(name + "-client", "1"),
                Inputs = [.. Enumerable.Range(0, 6).Select(c => new NamedValue($"a{c}", Scalar.Of(x)))],
            }, default);
            Assert.True(predicted.IsSuccess, predicted.Error?.Detail);
            answers.Add(predicted.Value);
            var truth = random.NextDouble() < 1 / (1 + Math.Exp(-x));
            var outcome = new Wire.IngestOutcome(string.Create(CultureInfo.InvariantCulture, $"{seed}-{i}"), predicted.Value.PredictionId, null, null, null, null, Scalar.Of(truth), null, 0);
            Assert.Equal(OutcomeStatus.Joined, (await loop.Ingest.RecordOutcomesAsync([outcome], default))[0].Status);
            loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await loop.DrainAsync(name);
        await loop.Get<Serving.PlanCache>().CatchUpAsync(name, (await loop.Control.GetModelAsync(name, default)).Value.PlanRevision, default);
        return answers;
    }
}
