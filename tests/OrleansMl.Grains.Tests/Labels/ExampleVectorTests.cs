using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Streams;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests.Labels;

/// <summary>The vectors that examples have: as served, computed anew, or not to be had.</summary>
[Collection(LoopCollection.Name)]
public sealed class ExampleVectorTests(LoopFixture loop)
{
    [Theory]
    [InlineData("served", 1, 0)]
    [InlineData("at_label", 4, 1)]
    public async Task A_late_event_is_in_the_example_only_where_the_target_asks_for_it(string vector, double sum, long recomputed)
    {
        var toy = new Toy(loop);
        var yaml = toy.Yaml().Replace("default: none}", $"default: none, vector: {vector}}}", StringComparison.Ordinal)
            .Replace($"features: [\"{toy.View}:*\"]", $"features: [\"{toy.View}:*\", \"{toy.Name}-truth:n\"]", StringComparison.Ordinal);
        await toy.ApplyAsync(yaml);
        await toy.AppendAsync(toy.Tick(1, loop.Clock.Now.AddMinutes(-10)));
        var answer = await toy.PredictAsync(z: 2);
        loop.Clock.Advance(TimeSpan.FromMinutes(5));

        // One that happened before the prediction and came after it, and one that happened after it.
        await toy.AppendAsync(toy.Tick(3, loop.Clock.Now.AddMinutes(-12)));
        await toy.AppendAsync(toy.Tick(100, loop.Clock.Now));
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o1");

        var example = await ExampleAsync(toy, 1);
        Assert.Equal(recomputed == 1, example.Recomputed);
        Assert.Equal((sum, 2.0), (Value(example, $"{toy.View}:sum_1h"), Value(example, "z")));

        // A correction meets the truth in the entity's log, and the example must not see it.
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("no"), "o2");
        var corrected = await ExampleAsync(toy, 2);
        Assert.Equal((sum, 0.0), (Value(corrected, $"{toy.View}:sum_1h"), Value(corrected, $"{toy.Name}-truth:n")));

        // What is logged is what was served.
        var logged = (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value;
        Assert.Equal(1, logged.Vector.Single(f => f.Name == $"{toy.View}:sum_1h").Value.AsNumber());
        await toy.DrainAsync();
        var status = (await loop.Grains.GetGrain<ITrainerGrain>(toy.Name).GetAsync()).Value;
        Assert.Equal((2, 2 * recomputed), (status.Examples, status.Recomputed));
    }

    [Fact]
    public async Task A_version_that_was_learned_from_recomputed_vectors_says_so()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml().Replace("default: none}", "default: none, vector: at_label}", StringComparison.Ordinal));
        await toy.TeachAsync(45, 3, z => z > 0);
        var version = (await loop.Control.GetModelAsync(toy.Name, default)).Value.Versions[0];
        Assert.Equal("40", version.Manifest.Tags["recomputed"]);
    }

    [Fact]
    public async Task A_truth_whose_features_cannot_be_read_now_is_rejected_and_learned_when_it_comes_again()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml().Replace("default: none}", "default: none, organic: learn}", StringComparison.Ordinal));
        var start = loop.Clock.Now.AddDays(-60);
        await FillAsync(toy, start.AddHours(-1));
        await toy.AppendAsync(toy.Tick(5, start));
        await FillAsync(toy, start.AddMinutes(1));

        // So much later that only the log still knows what was then.
        await toy.AppendAsync(toy.Tick(9, loop.Clock.Now));
        var time = start.AddSeconds(30);
        var key = toy.Entity().ToGrainKey();
        loop.EntityLog.BeforeRead = read =>
        {
            if (read == key)
                throw new StoreException("The disk is busy.", 10);
        };
        try
        {
            var refused = await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), time, "o1");
            Assert.Equal((OutcomeStatus.Rejected, "not_ready"), (refused.Status, refused.Fault!.Code));
            Assert.Empty(await loop.Store.Streams.ReadStreamAsync(OmlStreams.Examples, toy.Name, 0, 10));
        }
        finally
        {
            loop.EntityLog.BeforeRead = null;
        }

        Assert.Equal(OutcomeStatus.Organic, (await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), time, "o1")).Status);
        Assert.Equal(5, Value(await ExampleAsync(toy, 1), $"{toy.View}:x"));
        Assert.Equal(OutcomeStatus.Duplicate, (await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), time, "o1")).Status);
        Assert.Single(await loop.Store.Streams.ReadStreamAsync(OmlStreams.Examples, toy.Name, 0, 10));
    }

    [Fact]
    public async Task A_window_that_closes_while_features_cannot_be_read_closes_at_the_next_pass()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(fallback: "\"no\"", window: "1000d").Replace("default: \"no\"}", "default: \"no\", vector: at_label}", StringComparison.Ordinal)
            .Replace("clock: wall\n", "clock: wall\nmaxFuture: 100d\n", StringComparison.Ordinal));
        await FillAsync(toy, loop.Clock.Now.AddHours(-1));
        var answer = await toy.PredictAsync();
        await FillAsync(toy, loop.Clock.Now.AddMinutes(1));
        await toy.AppendAsync(toy.Tick(6, loop.Clock.Now.AddDays(60)));
        var end = loop.Clock.Now.AddDays(1001);
        var join = loop.Grains.GetGrain<IOutcomeJoinGrain>(toy.Entity().ToGrainKey());
        var key = toy.Entity().ToGrainKey();
        loop.EntityLog.BeforeRead = read =>
        {
            if (read == key)
                throw new StoreException("The disk is busy.", 10);
        };
        try
        {
            await Assert.ThrowsAnyAsync<Exception>(() => join.CloseDueAsync(end));
            Assert.Equal(PredictionState.Predicted, (await loop.Store.Predictions.FindAsync(answer.PredictionId))!.State);
        }
        finally
        {
            loop.EntityLog.BeforeRead = null;
        }

        Assert.Equal(1, await join.CloseDueAsync(end));
        Assert.Equal(PredictionState.Defaulted, (await loop.Store.Predictions.FindAsync(answer.PredictionId))!.State);
    }

    /// <summary>So many events that the fold lets go of them once they are old.</summary>
    private async Task FillAsync(Toy toy, DateTime start)
    {
        var appended = await loop.Ingest.AppendEventsAsync([.. Enumerable.Range(0, 400).Select(i => toy.Tick(1, start.AddSeconds(i)))], default);
        Assert.All(appended.Items, item => Assert.Equal(AppendStatus.Accepted, item.Status));
    }

    private async Task<LabeledExample> ExampleAsync(Toy toy, long sequence)
    {
        var item = (await loop.Store.Streams.ReadStreamAsync(OmlStreams.Examples, toy.Name, sequence - 1, 1))[0];
        return ExampleCodec.Decode(sequence, StreamRecordCodec.Decode(item.Record, sequence).Data);
    }

    private static double Value(LabeledExample example, string column) => example.Values[example.Columns.IndexOf(column)].AsNumber();
}
