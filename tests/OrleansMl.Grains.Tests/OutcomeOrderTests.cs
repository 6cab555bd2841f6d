using OrleansMl.Outcomes;
using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests;

/// <summary>Predictions and outcomes in every order, crashes and conflicts between them.</summary>
[Collection(LoopCollection.Name)]
public sealed class OutcomeOrderTests(LoopFixture loop)
{
    [Fact]
    public async Task A_prediction_logged_while_its_outcome_is_recorded_is_joined()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        PredictResponse? answer = null;
        OnCommit(toy, async () => answer ??= await toy.PredictAsync(time: loop.Clock.Now - TimeSpan.FromMinutes(5)));
        var result = await Unhooked(() => toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), loop.Clock.Now));
        Assert.Equal(OutcomeStatus.Joined, result.Status);
        Assert.Equal([answer!.PredictionId], result.PredictionIds.ToArray());
        Assert.Equal((PredictionState.Labelled, 1.0), await StateAsync(answer.PredictionId));
    }

    [Fact]
    public async Task An_early_outcome_is_joined_when_the_window_closes_if_a_crash_came_between()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(fallback: "\"no\""));
        var model = await toy.PredictAsync(id: "other");
        var record = (await loop.Store.Predictions.FindAsync(model.PredictionId))!;
        Assert.Equal(OutcomeStatus.Early, (await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), loop.Clock.Now)).Status);

        // Logged, and nobody told the join.
        var id = Guid.CreateVersion7().ToString("n");
        Assert.True((await loop.Store.Predictions.AppendAsync(record with { PredictionId = id, EntityKey = toy.Entity().ToGrainKey() })).HasPendingOutcome);
        loop.Clock.Advance(TimeSpan.FromHours(2));
        await loop.Get<WindowSweeper>().SweepAsync();
        Assert.Equal((PredictionState.Labelled, 1.0), await StateAsync(id));
        Assert.Equal((PredictionState.Defaulted, 0.0), await StateAsync(model.PredictionId));
    }

    [Fact]
    public async Task An_early_outcome_waits_no_longer_than_its_window()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal(OutcomeStatus.Early, (await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), loop.Clock.Now)).Status);
        loop.Clock.Advance(TimeSpan.FromHours(3));
        var answer = await toy.PredictAsync();
        Assert.Equal((PredictionState.Predicted, null), await StateAsync(answer.PredictionId));
        Assert.Empty(await loop.Store.Predictions.ListPendingAsync(toy.Entity().ToGrainKey(), toy.Target));
    }

    [Fact]
    public async Task A_correction_of_an_outcome_reaches_every_prediction_that_it_labelled()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var first = await toy.PredictAsync();
        var second = await toy.PredictAsync();
        var joined = await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), loop.Clock.Now, "o1");
        Assert.Equal((OutcomeStatus.Joined, 2), (joined.Status, joined.PredictionIds.Length));
        var corrected = await toy.OutcomeAsync(toy.Entity(), Scalar.Of("no"), loop.Clock.Now, "o1", revision: 1);
        Assert.Equal((OutcomeStatus.Corrected, 2), (corrected.Status, corrected.PredictionIds.Length));
        Assert.Equal((PredictionState.Corrected, 0.0), await StateAsync(first.PredictionId));
        Assert.Equal((PredictionState.Corrected, 0.0), await StateAsync(second.PredictionId));
        Assert.Equal([0.0, 1.0], (await toy.ReadAsync("1", null, $"{toy.Name}-truth:*")).Select(f => f.Value.AsNumber()));
    }

    [Fact]
    public async Task A_correction_without_a_time_keeps_that_of_the_truth()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answer = await toy.PredictAsync();
        loop.Clock.Advance(TimeSpan.FromMinutes(20));
        var time = loop.Clock.Now;
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o1", time: time);
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("no"), "fix");
        Assert.Equal(time, (await loop.Store.Predictions.FindAsync(answer.PredictionId))!.OutcomeTime);
        Assert.Equal(time, (await toy.ReadAsync("1", null, $"{toy.Name}-truth:last"))[0].EventTime);
    }

    [Fact]
    public async Task Many_outcomes_of_one_entity_leave_turns_for_others()
    {
        const int count = 450;
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answer = await toy.PredictAsync();
        var (commits, doneBeforeTheEnd) = (0, false);
        Task? other = null;
        OnCommit(toy, () =>
        {
            commits++;
            if (commits == 50)
                other = loop.Grains.GetGrain<IOutcomeJoinGrain>(toy.Entity().ToGrainKey()).CloseDueAsync(loop.Clock.Now);
            if (commits == count)
                doneBeforeTheEnd = other!.IsCompletedSuccessfully;
            return Task.CompletedTask;
        });
        IngestOutcome[] outcomes = [.. Enumerable.Range(0, count).Select(i => new IngestOutcome($"m{i}", answer.PredictionId, null, null, null, null, Scalar.Of(i % 2 == 0), null, 0))];
        var results = await Unhooked(() => loop.Ingest.RecordOutcomesAsync(outcomes, default));
        Assert.Equal(OutcomeStatus.Joined, results[0].Status);
        Assert.All(results.Skip(1), r => Assert.Equal(OutcomeStatus.Corrected, r.Status));
        Assert.Equal(count, commits);
        Assert.True(doneBeforeTheEnd);
    }

    [Fact]
    public async Task An_outcome_that_meets_another_writer_is_to_be_sent_again()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answer = await toy.PredictAsync();
        OnCommit(toy, () => throw new JoinConflictException(answer.PredictionId));
        var refused = await Unhooked(() => toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o1"));
        Assert.Equal((OutcomeStatus.Rejected, "not_ready"), (refused.Status, refused.Fault!.Code));
        Assert.Equal(OutcomeStatus.Joined, (await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "o1")).Status);
        Assert.Equal([1.0, 1.0], (await toy.ReadAsync("1", null, $"{toy.Name}-truth:*")).Select(f => f.Value.AsNumber()));
    }

    [Fact]
    public async Task An_entity_whose_windows_cannot_be_closed_does_not_keep_the_others_waiting()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var bad = await toy.PredictAsync(id: "bad");
        loop.Clock.Advance(TimeSpan.FromMinutes(1));
        var good = await toy.PredictAsync(id: "good");
        loop.Clock.Advance(TimeSpan.FromHours(2));
        loop.PredictionLog.BeforeCommit = (_, changes) => changes.Any(c => c.PredictionId == bad.PredictionId) ? throw new IOException("Not this one.") : Task.CompletedTask;
        await Unhooked(() => loop.Get<WindowSweeper>().SweepAsync());
        Assert.Equal((PredictionState.Closed, null), await StateAsync(good.PredictionId));
    }

    private void OnCommit(Toy toy, Func<Task> hook)
    {
        var key = toy.Entity().ToGrainKey();
        loop.PredictionLog.BeforeCommit = (entries, _) => entries.Any(e => e.EntityKey == key) ? hook() : Task.CompletedTask;
    }

    private async Task<T> Unhooked<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        finally
        {
            loop.PredictionLog.BeforeCommit = null;
        }
    }

    private async Task<(PredictionState State, double? Label)> StateAsync(string predictionId)
    {
        var record = (await loop.Store.Predictions.FindAsync(predictionId))!;
        return (record.State, record.Label);
    }
}
