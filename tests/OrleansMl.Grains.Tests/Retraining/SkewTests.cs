using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Grains.Tests.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Retraining;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>The rows of a retraining are held against what the model was asked lately.</summary>
[Collection(LoopCollection.Name)]
public sealed class SkewTests(LoopFixture loop)
{
    private const string Declared = """
            trainer: {type: logistic_regression}
            retrain: {minRows: 50, validate: {skew: 0.25}}

        """;

    private const string Off = """
            trainer: {type: logistic_regression}
            retrain: {minRows: 50, validate: off}

        """;

    [Fact]
    public async Task A_column_that_is_served_otherwise_than_in_the_data_set_is_a_warning_and_where_the_limit_is_declared_an_error()
    {
        var toy = await ServedAsync(120);
        var shifted = await toy.UploadAsync(Csv(toy, 300, 31, shift: 3));
        var warned = await toy.RetrainAsync(toy.Spec(dataset: shifted));
        Assert.Contains("population stability index", Assert.Single(Skew(warned), warning => warning.Contains("'z'", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(120, warned.GetProperty("served").GetProperty("rows").GetInt32());

        await toy.ApplyAsync(blocks: Declared);
        var job = await toy.EndAsync((await toy.CreateAsync(toy.Spec(dataset: shifted))).Id);
        Assert.Equal((JobState.Failed, "data_invalid"), (job.State, job.Error!.Code));
        Assert.Contains("Column 'z' of the rows is not distributed as in the 120 rows that were served lately", job.Error.Detail, StringComparison.Ordinal);

        // As it is served, it is learned from.
        var alike = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(Csv(toy, 300, 32, shift: 0))));
        Assert.Empty(Skew(alike));

        await toy.ApplyAsync(blocks: Off);
        var off = await toy.RetrainAsync(toy.Spec(dataset: shifted));
        Assert.Empty(Skew(off));
        Assert.Equal(JsonValueKind.Null, off.GetProperty("served").ValueKind);
    }

    [Fact]
    public async Task With_little_served_nothing_is_said_and_the_plan_is_as_without_it()
    {
        var toy = await ServedAsync(49);
        var result = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(Csv(toy, 300, 33, shift: 3))));
        Assert.Empty(Skew(result));
        Assert.Equal(JsonValueKind.Null, result.GetProperty("served").ValueKind);
    }

    [Fact]
    public async Task The_log_is_held_against_what_was_asked_since_also_without_a_truth()
    {
        var toy = await ServedAsync(0);
        await toy.LabelAsync(100, 34);
        for (var i = 0; i < 150; i++)
            await toy.Toy.PredictAsync(5 + (i / 100.0));
        var result = await toy.RetrainAsync(toy.Spec());
        Assert.Equal((100, 250), (result.GetProperty("rows").GetInt32(), result.GetProperty("served").GetProperty("rows").GetInt32()));
        Assert.Contains(Skew(result), warning => warning.Contains("Column 'z'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repeat_and_an_attempt_that_goes_on_see_the_sample_of_the_first_whatever_was_served_since()
    {
        var toy = await ServedAsync(60);
        var dataset = await toy.UploadAsync(Csv(toy, 200, 35, shift: 3));
        var job = await toy.CreateAsync(toy.Spec(dataset: dataset));
        var first = JsonDocument.Parse((await toy.EndAsync(job.Id)).Result!).RootElement;

        var runner = loop.Get<IEnumerable<IJobRunner>>().Single(one => one.Kind == "retrain");
        var cut = new CutContext((await runner.PrepareAsync(toy.Spec(dataset: dataset), default)).Value);
        cut.Begin(0, isLost: false);
        await Assert.ThrowsAsync<CutContext.Killed>(() => runner.RunAsync(cut));
        var taken = RetrainCheckpoint.Read(cut.Checkpoint).Served!;

        for (var i = 0; i < 40; i++)
            await toy.Toy.PredictAsync(9);
        var again = JsonDocument.Parse((await toy.EndAsync((await loop.Get<IJobService>().RepeatAsync(job.Id, "me", default)).Value.Id)).Result!).RootElement;
        Assert.Equal(Text(first, "plan"), Text(again, "plan"));
        Assert.Equal(first.GetProperty("served").GetRawText(), again.GetProperty("served").GetRawText());
        Assert.True(again.GetProperty("repeat").GetProperty("samePlan").GetBoolean());

        // Its file is gone, as after a machine that went down: it comes out of the data set.
        loop.Store.Datasets.DeleteScratch(taken.File);
        cut.Begin(int.MaxValue, isLost: false);
        var resumed = JsonDocument.Parse((await runner.RunAsync(cut)).Value).RootElement;
        Assert.Equal((taken.Dataset, 60), (Text(resumed.GetProperty("served"), "dataset"), resumed.GetProperty("served").GetProperty("rows").GetInt32()));
        Assert.Equal(Text(first, "plan"), Text(resumed, "plan"));
        runner.CleanUp(cut.JobId);

        var other = await toy.RetrainAsync(toy.Spec(dataset: dataset));
        Assert.NotEqual(Text(first, "plan"), Text(other, "plan"));
    }

    /// <summary>A model with a champion that was asked so many times.</summary>
    private async Task<RetrainToy> ServedAsync(int predictions)
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 30))));
        if (predictions > 0)
            await toy.LabelAsync(predictions, 30);
        return toy;
    }

    /// <summary>All columns as they are served in the first minutes, but z.</summary>
    private static string Csv(RetrainToy toy, int rows, int seed, double shift)
    {
        var random = new Random(seed);
        var (view, sum) = (toy.Toy.View, 0.0);
        var lines = new List<string> { $"z,{view}:x,{view}:sum_1h,{view}:n_1h,{toy.Toy.Target}" };
        for (var i = 0; i < rows; i++)
        {
            var (z, x, n) = ((random.NextDouble() * 4) - 2, random.NextDouble(), (i % 120) + 1);
            sum = n == 1 ? x : sum + x;
            lines.Add(FormattableString.Invariant($"{z + shift:R},{x:R},{sum:R},{n},{(z > 0 == random.NextDouble() > 0.1 ? "yes" : "no")}"));
        }

        return string.Join('\n', lines);
    }

    private static ImmutableArray<string> Skew(JsonElement result) =>
        [.. result.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).Where(warning => warning.Contains("served lately", StringComparison.Ordinal))];

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
