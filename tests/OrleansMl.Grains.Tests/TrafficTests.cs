using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class TrafficTests(LoopFixture loop)
{
    [Fact]
    public void Every_point_of_a_split_has_a_version_and_each_version_its_share()
    {
        var weights = Gen.Choose(0, 100).ArrayOf().Where(w => w.Length is > 0 and <= Traffic.MaxVersions && w.Any(x => x > 0));
        Prop.ForAll(weights.ToArbitrary(), w =>
        {
            var traffic = new Traffic([.. w.Select((x, i) => new TrafficShare(i + 1, x))], [], false);
            Assert.Null(traffic.WhyNot());
            const int Points = 2_000;
            var counts = Enumerable.Range(0, Points).Select(i => traffic.At((i + 0.5) / Points)!.Value).GroupBy(v => v).ToDictionary(g => g.Key, g => g.Count());
            for (var i = 0; i < w.Length; i++)
                Assert.InRange(counts.GetValueOrDefault(i + 1) - ((double)Points * w[i] / w.Sum()), -1, 1);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void While_the_last_share_grows_points_only_move_to_it()
    {
        for (var weight = 1; weight < 100; weight++)
        {
            var (before, after) = (Split(100 - weight, weight), Split(100 - weight - 1, weight + 1));
            for (var point = 0.0; point < 1; point += 0.001)
                Assert.True(before.At(point) == after.At(point) || after.At(point) == 2);
        }

        static Traffic Split(double first, double second) => new([new(1, first), new(2, second)], [], true);
    }

    [Theory]
    [InlineData(-1.0, 1.0, "weight of version 1")]
    [InlineData(double.NaN, 1.0, "weight of version 1")]
    [InlineData(0.0, 0.0, "All weights")]
    public void Weights_that_cannot_be_are_named(double first, double second, string words) =>
        Assert.Contains(words, new Traffic([new(1, first), new(2, second)], [], false).WhyNot(), StringComparison.Ordinal);

    [Fact]
    public void A_version_is_named_once() =>
        Assert.Contains("Version 2 is named twice", new Traffic([new(1, 1), new(2, 1)], [2], false).WhyNot(), StringComparison.Ordinal);

    [Fact]
    public async Task Calls_without_a_version_are_shared_and_those_with_one_are_not()
    {
        var model = await ModelAsync(3);
        await SetAsync(model, new Traffic([new(1, 1), new(2, 3)], [], false));
        var counts = new int[4];
        for (var i = 0; i < 400; i++)
            counts[await InferAsync(model)]++;
        // Binomial(400, 1/4): ten standard deviations wide.
        Assert.InRange(counts[1], 20, 180);
        Assert.Equal((0, 400), (counts[3], counts[1] + counts[2]));
        for (var i = 0; i < 20; i++)
            Assert.Equal(1, await InferAsync(model, "1"));
    }

    [Fact]
    public async Task An_entity_keeps_its_version_on_every_silo_while_the_share_grows()
    {
        var toy = await ToyAsync();
        await SetAsync(toy.Name, new Traffic([new(1, 80), new(2, 20)], [], IsSticky: true));
        var before = await AnswersAsync(toy);
        Assert.Equal([1, 2], before.Distinct().Order());
        Assert.Equal(before, await AnswersAsync(toy, loop.Cluster.Silos.Count - 1));
        await SetAsync(toy.Name, new Traffic([new(1, 50), new(2, 50)], [], IsSticky: true));
        var after = await AnswersAsync(toy);
        Assert.All(before.Zip(after), p => Assert.True(p.First == p.Second || p.Second == 2));
        Assert.True(after.Count(v => v == 2) > before.Count(v => v == 2));
    }

    [Fact]
    public async Task A_champion_that_moves_takes_all_calls_and_so_does_a_rollback()
    {
        var model = await ModelAsync(3);
        Assert.True((await loop.Control.SetAliasAsync(model, new AliasChange("champion", 1, null, null, "test"), default)).IsSuccess);
        await SetAsync(model, new Traffic([new(1, 0), new(2, 1)], [3], false));
        Assert.Equal(2, await InferAsync(model));
        Assert.True((await loop.Control.PromoteAsync(model, new PromotionRequest(3, 1, true, "test", "test", null), default)).IsSuccess);
        Assert.Equal(3, await InferAsync(model));
        Assert.Null((await loop.Control.GetModelAsync(model, default)).Value.Traffic);

        await SetAsync(model, new Traffic([new(2, 1)], [], false));
        Assert.Equal(2, await InferAsync(model));
        Assert.True((await loop.Control.RollbackAsync(model, "test", null, default)).IsSuccess);
        Assert.Equal(1, await InferAsync(model));
    }

    [Fact]
    public async Task What_traffic_reaches_is_loaded_and_is_not_taken_away()
    {
        var model = await ModelAsync(3);
        await SetAsync(model, new Traffic([new(1, 1), new(2, 1)], [3], false));
        foreach (var version in (int[])[1, 2, 3])
        {
            Assert.Equal(VersionState.Available, (await loop.Control.GetVersionAsync(model, version, default)).Value.State);
            Assert.Equal("in_use", (await loop.Control.UnloadAsync(model, version, default)).Error!.Code);
            Assert.Equal("in_use", (await loop.Control.DeleteVersionAsync(model, version, default)).Error!.Code);
        }

        await SetAsync(model, new Traffic([], [], false));
        Assert.True((await loop.Control.UnloadAsync(model, 3, default)).IsSuccess);
    }

    [Fact]
    public async Task A_change_decided_on_an_old_plan_or_for_a_version_that_is_not_there_is_refused()
    {
        var model = await ModelAsync(2);
        var revision = (await loop.Control.GetModelAsync(model, default)).Value.PlanRevision;
        var unknown = await loop.Control.SetTrafficAsync(model, new TrafficChange(revision, new Traffic([new(9, 1)], [], false), "test"), default);
        Assert.Equal((404, "unknown_version"), (unknown.Error!.Status, unknown.Error.Code));
        await SetAsync(model, new Traffic([new(1, 1)], [], false));
        var stale = await loop.Control.SetTrafficAsync(model, new TrafficChange(revision, new Traffic([new(1, 1)], [], false), "test"), default);
        Assert.Equal((409, "conflict", $"{revision + 1}"), (stale.Error!.Status, stale.Error.Code, stale.Error.Current));
    }

    [Fact]
    public async Task Shadows_answer_copies_and_are_compared_and_never_returned()
    {
        var model = await ModelAsync(2);
        // The same numbers by another file, other numbers, and one that cannot take the call.
        Assert.Equal(3, (await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1, name: "other")), default)).Value.Version.Manifest.Version);
        Assert.Equal(4, (await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1, input: "z")), default)).Value.Version.Manifest.Version);
        using var answers = new ShadowAnswers(model);
        await SetAsync(model, new Traffic([], [2, 3, 4], false));
        for (var i = 0; i < 10; i++)
            Assert.Equal(1, await InferAsync(model));
        await answers.UntilAsync(30);
        Assert.Equal([("2", "differs"), ("3", "equal"), ("4", "failed")], answers.Counts.Keys.Order());
        Assert.All(answers.Counts.Values, count => Assert.Equal(10, count));
        Assert.Equal(1, await InferAsync(model, "1"));
        Assert.Equal(30, answers.Counts.Values.Sum());
    }

    [Fact]
    public async Task A_prediction_is_shadowed_on_the_vector_that_was_served()
    {
        var toy = await ToyAsync();
        await SetAsync(toy.Name, new Traffic([], [2], false));
        using var answers = new ShadowAnswers(toy.Name);
        var answer = await toy.PredictAsync(z: 0.5);
        await answers.UntilAsync(1);
        Assert.Equal(1, answer.Version);
        Assert.Equal(("2", "differs"), Assert.Single(answers.Counts.Keys));
        Assert.Equal(0.25, Assert.Single(answers.Differences), 6);
    }

    private async Task<Toy> ToyAsync()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.YamlOfFile());
        foreach (var add in (float[])[0.25f, 0.5f])
            Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(toy.Name, Models.Add(add, "z")), default)).IsSuccess);
        return toy;
    }

    private async Task<int[]> AnswersAsync(Toy toy, int silo = 0)
    {
        await loop.Get<PlanCache>(silo).CatchUpAsync(toy.Name, (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision, default);
        var answers = new int[60];
        for (var i = 0; i < answers.Length; i++)
        {
            var answer = await loop.Get<IPredictionService>(silo).PredictAsync(new PredictRequest { Model = toy.Name, Entity = toy.Entity($"e{i}"), Inputs = [new NamedValue("z", Scalar.Of(0.1))] }, default);
            Assert.True(answer.IsSuccess, answer.Error?.Detail);
            answers[i] = answer.Value.Version!.Value;
        }

        return answers;
    }

    private async Task<string> ModelAsync(int versions)
    {
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        for (var version = 1; version <= versions; version++)
            Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(version)), default)).IsSuccess);
        return model;
    }

    private async Task SetAsync(string model, Traffic traffic)
    {
        var revision = (await loop.Control.GetModelAsync(model, default)).Value.PlanRevision;
        var set = await loop.Control.SetTrafficAsync(model, new TrafficChange(revision, traffic, "test"), default);
        Assert.True(set.IsSuccess, set.Error?.Detail);
        Assert.Equal(revision + 1, set.Value.PlanRevision);
    }

    private async Task<int> InferAsync(string model, string? version = null)
    {
        var input = new Tensor("x", TensorType.Fp32, new long[] { 1, 1 }, MemoryMarshal.AsBytes<float>(new[] { 3f }).ToArray());
        var result = await loop.Inference.InferAsync(new InferRequest(model, version, [input], []), default);
        Assert.True(result.IsSuccess, result.Error?.Detail);
        Assert.Equal(3f + result.Value.Version, MemoryMarshal.Read<float>(result.Value.Outputs[0].Data.Span));
        return result.Value.Version;
    }

    /// <summary>What the shadows of one model have answered.</summary>
    private sealed class ShadowAnswers : IDisposable
    {
        private readonly MeterListener _listener = new();

        public ShadowAnswers(string model)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "OrleansMl.Shadow")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                if (Tag(tags, "model") == model)
                    Counts.AddOrUpdate((Tag(tags, "version"), Tag(tags, "result")), (int)value, (_, count) => count + (int)value);
            });
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            {
                if (instrument.Name == "oml-shadow-difference" && Tag(tags, "model") == model)
                    Differences.Add(value);
            });
            _listener.Start();
        }

        public ConcurrentDictionary<(string Version, string Result), int> Counts { get; } = new();

        public ConcurrentBag<double> Differences { get; } = [];

        public async Task UntilAsync(int count)
        {
            for (var i = 0; i < 1_000 && Counts.Values.Sum() < count; i++)
                await Task.Delay(10);
        }

        public void Dispose() => _listener.Dispose();

        private static string Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
        {
            foreach (var (key, value) in tags)
            {
                if (key == name)
                    return (string)value!;
            }

            return "";
        }
    }
}
