using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace OrleansMl.Grains.Tests;

/// <summary>Examples on their way by the stream: delivered, delivered twice, lost, unreadable, for nobody.</summary>
[Collection(LoopCollection.Name)]
public sealed class TrainerStreamTests(LoopFixture loop)
{
    [Fact]
    public async Task An_outcome_reaches_its_learner_by_the_stream_alone()
    {
        var toy = await StartAsync(bootstrap: 20);
        loop.StreamLog.Unswept[toy.Name] = loop.StreamLog.Unreadable[toy.Name] = true;
        await toy.LabelAsync(15, 1, z => z > 0);
        await LearnedAsync(toy, 15);
    }

    [Fact]
    public async Task What_a_delivery_leaves_undone_is_taken_up_by_the_trainer_itself()
    {
        var toy = await StartAsync(bootstrap: 20);
        loop.StreamLog.Unswept[toy.Name] = true;

        // The bootstrap is a step that a delivery does not wait for.
        await toy.LabelAsync(25, 1, z => z > 0);
        await LearnedAsync(toy, 25);
        Assert.Equal(("learning", 1), ((await LearnerAsync(toy)).State, (await LearnerAsync(toy)).ChampionVersion));
    }

    [Fact]
    public async Task A_delivery_that_was_lost_is_read_from_the_log_and_the_order_kept()
    {
        var (whole, holed) = (await StartAsync(bootstrap: 10), await StartAsync(bootstrap: 10));
        loop.StreamLog.Unswept[holed.Name] = true;
        foreach (var lost in new[] { 3, 4, 17, 25 })
            loop.StreamLog.Lost[(holed.Name, lost)] = true;
        await whole.LabelAsync(30, 1, z => z > 0);
        await holed.LabelAsync(30, 1, z => z > 0);
        await LearnedAsync(whole, 30);
        await LearnedAsync(holed, 30);
        Assert.Equal((await LearnerAsync(whole)).Losses.Where(l => l.Predictor == "learner"), (await LearnerAsync(holed)).Losses.Where(l => l.Predictor == "learner"));
    }

    [Fact]
    public async Task What_is_delivered_a_second_time_counts_once()
    {
        var toy = await StartAsync(bootstrap: 40);
        await toy.LabelAsync(30, 1, z => z > 0);
        await LearnedAsync(toy, 30);

        // The rows of a bootstrap stay in the log, so all of them come again, and before what comes after them.
        await loop.Get<IStreamControl>().RewindAsync(OmlStreams.Provider, null, LogStart.Earliest);
        loop.StreamLog.Unswept[toy.Name] = true;
        await toy.LabelAsync(1, 2, z => z > 0);
        await LearnedAsync(toy, 31);
    }

    [Fact]
    public async Task An_example_that_cannot_be_read_is_a_dead_letter_and_the_next_one_is_learned()
    {
        var toy = await StartAsync(bootstrap: 10);
        await toy.LabelAsync(3, 1, z => z > 0);
        var foreign = new StreamRecord { Id = "f", Type = "invoice", Data = "{}"u8.ToArray() };
        await loop.Store.Streams.AppendAsync(
        [
            new(OmlStreams.Examples, toy.Name, new byte[] { 77, 1, 2 }),
            new(OmlStreams.Examples, toy.Name, StreamRecordCodec.Encode(foreign)),
            new(OmlStreams.Examples, toy.Name, new byte[] { 1, 250 }),
        ]);
        await toy.LabelAsync(9, 2, z => z > 0);
        await LearnedAsync(toy, 12);
        Assert.Equal("learning", (await LearnerAsync(toy)).State);

        // The provider puts aside what is no record, the trainer what is no example: of each one letter.
        var letters = (await loop.Store.DeadLetters.ListAsync(null, 1_000)).Where(l => l.Key == toy.Name).ToList();
        Assert.Equal(3, letters.Count);
        Assert.All(letters, l => Assert.Equal((OmlStreams.Examples, "unparsable"), (l.Namespace, l.Reason)));
        Assert.All(letters, l => Assert.StartsWith("local:queue/", l.Source, StringComparison.Ordinal));
        Assert.Contains(letters, l => l is { Type: "invoice", RecordId: "f" });
    }

    [Fact]
    public async Task An_example_of_the_time_before_streams_is_learned()
    {
        var toy = await StartAsync(bootstrap: 10);
        var answer = await toy.PredictAsync(z: 1);
        var prediction = (await loop.Store.Predictions.FindAsync(answer.PredictionId))!;
        await loop.Store.Streams.AppendAsync([new(OmlStreams.Examples, toy.Name, ExampleCodec.ToRecord(prediction, 1, 0, isCorrection: false).Data)]);
        await LearnedAsync(toy, 1);
    }

    [Fact]
    public async Task A_paused_trainer_holds_up_neither_its_queue_nor_another_model()
    {
        var paused = await StartAsync(bootstrap: 10);
        Assert.Equal("paused", (await loop.Control.CommandLearnerAsync(paused.Name, "pause", default)).Value.State);
        await paused.LabelAsync(5, 1, z => z > 0);
        var queue = (await loop.Store.Streams.ReadStreamAsync(OmlStreams.Examples, paused.Name, 0, 1))[0].Queue;
        await Eventually.IsAsync(async () => await loop.Store.Streams.GetQueueAsync(queue) is var q && q.Position == q.End ? null : $"the position is {q.Position} of {q.End}");
        Assert.Equal(0, (await LearnerAsync(paused)).Examples);
        Assert.Equal(0, (await loop.Store.Streams.GetStreamAsync(OmlStreams.Examples, paused.Name)).Released);

        // The queue is past them; they wait in the log all the same.
        await loop.Control.CommandLearnerAsync(paused.Name, "resume", default);
        await LearnedAsync(paused, 5);
    }

    [Fact]
    public async Task A_model_that_is_gone_keeps_nothing_in_the_log()
    {
        var toy = await StartAsync(bootstrap: 40);
        await toy.TeachAsync(5, 1, z => z > 0);
        Assert.Equal(5, (await loop.Store.Streams.GetStreamAsync(OmlStreams.Examples, toy.Name)).Held);
        Assert.True((await loop.Control.DeleteApplicationAsync(toy.Name, default)).IsSuccess);

        // The trainer's silo may hear of the deletion after this one.
        await Eventually.IsAsync(async () =>
        {
            await loop.Get<Trainers.ExampleSweeper>().SweepAsync();
            return (await loop.Store.Streams.GetStreamAsync(OmlStreams.Examples, toy.Name)).Held is var held and not 0 ? $"{held} examples are held" : null;
        });
        Assert.Equal(0, (await loop.Store.Streams.GetStreamAsync(OmlStreams.Examples, toy.Name)).Held);

        // Declared again it begins anew, with what comes from now on.
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40));
        await toy.TeachAsync(2, 2, z => z > 0);
        Assert.Equal(2, (await LearnerAsync(toy)).Examples);
    }

    [Fact]
    public async Task What_a_trainer_has_stored_leaves_the_log()
    {
        var toy = await StartAsync(bootstrap: 10);
        await toy.LabelAsync(12, 1, z => z > 0);
        await LearnedAsync(toy, 12);
        await loop.Control.CommandLearnerAsync(toy.Name, "snapshot", default);
        await toy.DrainAsync();
        Assert.Equal(new StreamKeyState(toy.Name, 12, 12), await loop.Store.Streams.GetStreamAsync(OmlStreams.Examples, toy.Name));
        await Eventually.IsAsync(async () =>
        {
            await loop.Store.Streams.TrimAsync();
            return await loop.Store.Streams.ReadStreamAsync(OmlStreams.Examples, toy.Name, 0, 100) is { Count: > 0 } left ? $"{left.Count} are left" : null;
        });
    }

    /// <summary>The trainer stands before the first example comes: it has read the log, which held none.</summary>
    private async Task<Toy> StartAsync(int bootstrap)
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: bootstrap));
        await toy.DrainAsync();
        return toy;
    }

    private Task LearnedAsync(Toy toy, long examples) => Eventually.IsAsync(async () =>
        await LearnerAsync(toy) is var learner && learner.Examples == examples ? null : $"{learner.Examples} examples, not {examples}");

    private async Task<LearnerStatus> LearnerAsync(Toy toy) => (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
}
