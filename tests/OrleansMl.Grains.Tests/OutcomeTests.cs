using OrleansMl.Outcomes;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class OutcomeTests(LoopFixture loop)
{
    [Fact]
    public async Task An_outcome_by_prediction_id_labels_it_and_becomes_a_feature()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answer = await toy.PredictAsync();
        var result = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o1");
        Assert.Equal(OutcomeStatus.Joined, result.Status);
        var logged = (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value;
        Assert.Equal((PredictionState.Labelled, 1.0, "yes"), (logged.Record.State, logged.Record.Label, logged.Label.AsText()));
        Assert.Equal([1.0, 1.0], (await toy.ReadAsync("1", null, $"{toy.Name}-truth:*")).Select(f => f.Value.AsNumber()));

        var repeat = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o1");
        Assert.Equal(OutcomeStatus.Duplicate, repeat.Status);
        Assert.Equal(1, (await toy.ReadAsync("1", null, $"{toy.Name}-truth:n"))[0].Value.AsNumber());

        var conflict = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("no"), "o1");
        Assert.Equal((OutcomeStatus.Rejected, "id_conflict"), (conflict.Status, conflict.Fault!.Code));
    }

    [Fact]
    public async Task A_correction_replaces_the_label_and_its_feature_and_never_counts_twice()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answer = await toy.PredictAsync();
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o1");
        var corrected = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("no"), "by-analyst");
        Assert.Equal(OutcomeStatus.Corrected, corrected.Status);
        var again = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("no"), "o1", revision: 5);
        Assert.Equal(OutcomeStatus.Corrected, again.Status);
        var stale = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o2", revision: 3);
        Assert.Equal((OutcomeStatus.Rejected, "stale_revision"), (stale.Status, stale.Fault!.Code));

        var logged = (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record;
        Assert.Equal((PredictionState.Corrected, 0.0, 5), (logged.State, logged.Label, logged.OutcomeRevision));
        Assert.Equal([0.0, 1.0], (await toy.ReadAsync("1", null, $"{toy.Name}-truth:*")).Select(f => f.Value.AsNumber()));
    }

    [Fact]
    public async Task An_outcome_by_entity_labels_every_open_prediction_whose_window_holds_it()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var early = await toy.PredictAsync();
        loop.Clock.Advance(TimeSpan.FromMinutes(40));
        var late = await toy.PredictAsync();
        loop.Clock.Advance(TimeSpan.FromMinutes(30));
        var result = await toy.OutcomeAsync(toy.Entity(), Scalar.Of(true), loop.Clock.Now);
        Assert.Equal(OutcomeStatus.Joined, result.Status);
        Assert.Equal([late.PredictionId], result.PredictionIds.ToArray());
        Assert.NotEqual(PredictionState.Labelled, (await loop.Control.GetPredictionAsync(early.PredictionId, default)).Value.Record.State);
    }

    [Fact]
    public async Task A_window_that_closes_gives_the_default_and_a_late_outcome_corrects_it_once()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(fallback: "\"no\""));
        var answer = await toy.PredictAsync();
        loop.Clock.Advance(TimeSpan.FromHours(2));
        await loop.Get<WindowSweeper>().SweepAsync();
        var defaulted = (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record;
        Assert.Equal((PredictionState.Defaulted, 0.0), (defaulted.State, defaulted.Label));

        var late = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"));
        Assert.Equal(OutcomeStatus.Late, late.Status);
        var corrected = (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record;
        Assert.Equal((PredictionState.Corrected, 1.0), (corrected.State, corrected.Label));
    }

    [Fact]
    public async Task A_window_without_a_default_closes_without_a_label()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answer = await toy.PredictAsync();
        loop.Clock.Advance(TimeSpan.FromHours(2));
        await loop.Get<WindowSweeper>().SweepAsync();
        var closed = (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record;
        Assert.Equal((PredictionState.Closed, null), (closed.State, closed.Label));
        Assert.Equal(OutcomeStatus.Late, (await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"))).Status);
        Assert.Equal(PredictionState.Labelled, (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record.State);
    }

    [Fact]
    public async Task On_the_event_clock_the_next_event_closes_the_window()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(clock: "event", fallback: "\"no\""));
        var start = new DateTime(1996, 5, 7, 0, 0, 0, DateTimeKind.Utc);
        await toy.AppendAsync(toy.Tick(1, start));
        var answer = await toy.PredictAsync();
        Assert.Equal(start, (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record.Time);

        // The wall clock is thirty years ahead and closes nothing.
        await loop.Get<WindowSweeper>().SweepAsync();
        Assert.Equal(PredictionState.Predicted, (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record.State);

        await toy.AppendAsync(toy.Tick(1, start + TimeSpan.FromHours(1)));
        await loop.Grains.GetGrain<IOutcomeJoinGrain>(toy.Entity().ToGrainKey()).CloseDueAsync(start);
        Assert.True(await Eventually(async () => (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record.State == PredictionState.Defaulted));
    }

    [Fact]
    public async Task An_early_outcome_waits_for_its_prediction()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var time = loop.Clock.Now;
        var early = await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), time);
        Assert.Equal(OutcomeStatus.Early, early.Status);
        var answer = await toy.PredictAsync(time: time - TimeSpan.FromMinutes(5));
        Assert.Equal(PredictionState.Labelled, (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record.State);
    }

    [Fact]
    public async Task Orphans_and_wrong_values_are_told_apart()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        Assert.Equal(OutcomeStatus.Orphan, (await toy.OutcomeAsync("00000000000000000000000000000000", Scalar.Of("yes"))).Status);
        var answer = await toy.PredictAsync();
        var wrong = await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("maybe"));
        Assert.Equal((OutcomeStatus.Rejected, "invalid_value"), (wrong.Status, wrong.Fault!.Code));
        Assert.Contains("no, yes", wrong.Fault.Detail, StringComparison.Ordinal);
        Assert.Equal(PredictionState.Predicted, (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value.Record.State);
    }

    private static async Task<bool> Eventually(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await condition())
                return true;
            await Task.Delay(10);
        }

        return false;
    }
}
