using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

public sealed class PredictionLogTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_member_of_a_prediction_reads_back()
    {
        var full = Some.Prediction("p1") with { LearnerRevision = 9, Subject = "s", RequestId = "r", Propensity = 0.1, Decision = new byte[] { 1, 0, 2 }, Sequence = 5, Lineage = 2 };
        var sparse = Some.Prediction("p2", entity: "", target: "") with { WindowEnd = null, Score = null, Vector = Array.Empty<byte>(), Version = 0 };
        using (var store = _folder.Open())
        {
            Assert.Equal(new PredictionAppend(full, false, false), await store.Predictions.AppendAsync(full));
            await store.Predictions.AppendAsync(sparse);
        }

        using var again = _folder.Open();
        AssertEqual(full, await again.Predictions.FindAsync("p1"));
        AssertEqual(sparse, await again.Predictions.FindAsync("p2"));
        AssertEqual(full, await again.Predictions.FindByRequestAsync("fraud", "r"));
        Assert.Null(await again.Predictions.FindAsync("p3"));
        Assert.Null(await again.Predictions.FindByRequestAsync("other", "r"));
    }

    [Fact]
    public async Task A_repeated_request_gives_the_earlier_record_back_within_its_model()
    {
        using var store = _folder.Open();
        await store.Predictions.AppendAsync(Some.Prediction("p1") with { RequestId = "r" });
        var repeat = await store.Predictions.AppendAsync(Some.Prediction("p2") with { RequestId = "r" });
        Assert.True(repeat.IsRepeat);
        Assert.Equal("p1", repeat.Stored.PredictionId);
        Assert.Null(await store.Predictions.FindAsync("p2"));
        Assert.False((await store.Predictions.AppendAsync(Some.Prediction("p3", model: "other") with { RequestId = "r" })).IsRepeat);
        Assert.True((await store.Predictions.AppendAsync(Some.Prediction("p3", model: "other"))).IsRepeat);
    }

    [Fact]
    public async Task Of_concurrent_requests_with_one_id_all_get_the_same_record()
    {
        using var store = _folder.Open();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => store.Predictions.AppendAsync(Some.Prediction($"p{i}") with { RequestId = "r" }).AsTask()));
        Assert.Single(answers, a => !a.IsRepeat);
        Assert.Single(answers.Select(a => a.Stored.PredictionId).Distinct());
    }

    [Fact]
    public async Task Open_predictions_come_oldest_first_and_leave_when_they_are_labelled()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        await Append(log, Some.Prediction("p1", minute: 5), Some.Prediction("p2", minute: 1, subject: "s"), Some.Prediction("p3", entity: "client:2"), Some.Prediction("p4", target: "fraud"));
        Assert.Equal(["p2", "p1"], Ids(await log.ListOpenAsync("client:1", "churn", null)));
        Assert.Equal(["p2"], Ids(await log.ListOpenAsync("client:1", "churn", "s")));
        Assert.Equal(["p1"], Ids(await log.ListOpenAsync("client:1", "churn", "")));
        await log.CommitAsync([], [Some.Label("p2")]);
        Assert.Equal(["p1"], Ids(await log.ListOpenAsync("client:1", "churn", null)));
    }

    [Fact]
    public async Task Due_are_open_predictions_whose_window_has_ended_oldest_end_first()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        await Append(log, Some.Prediction("p1", minute: 3), Some.Prediction("p2", minute: 1), Some.Prediction("p3", entity: "client:2", minute: 2), Some.Prediction("p4", minute: 9), Some.Prediction("p5") with { WindowEnd = null });
        var time = Some.Noon.AddMinutes(63);
        Assert.Equal(["p2", "p3", "p1"], Ids(await log.ListDueAsync(null, time, 10)));
        Assert.Equal(["p2", "p3"], Ids(await log.ListDueAsync(null, time, 2)));
        Assert.Equal(["p2", "p1"], Ids(await log.ListDueAsync("client:1", time, 10)));
        Assert.Equal(["p2", "p3"], Ids(await log.ListDueAsync(null, time.AddTicks(-1), 10)));
        await log.CommitAsync([], [Some.Label("p2", 0, state: PredictionState.Defaulted)]);
        Assert.Equal(["p3", "p1"], Ids(await log.ListDueAsync(null, time, 10)));
    }

    [Fact]
    public async Task A_late_outcome_finds_the_closed_and_defaulted_whose_window_holds_its_time()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        await Append(log, Some.Prediction("p1", minute: 0), Some.Prediction("p2", minute: 10), Some.Prediction("p3", minute: 20), Some.Prediction("p4", minute: 0));
        await log.CommitAsync([], [Some.Label("p1", state: PredictionState.Defaulted), Some.Label("p2", state: PredictionState.Closed), Some.Label("p3", state: PredictionState.Closed), Some.Label("p4")]);
        Assert.Equal(["p1"], Ids(await log.ListClosedAtAsync("client:1", "churn", null, Some.Noon)));
        Assert.Equal(["p1", "p2", "p3"], Ids(await log.ListClosedAtAsync("client:1", "churn", null, Some.Noon.AddMinutes(20))));
        Assert.Equal(["p2", "p3"], Ids(await log.ListClosedAtAsync("client:1", "churn", null, Some.Noon.AddMinutes(60))));
        Assert.Empty(await log.ListClosedAtAsync("client:1", "churn", "s", Some.Noon.AddMinutes(20)));
    }

    [Fact]
    public async Task A_label_its_outcome_and_its_example_are_one_commit()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        await Append(log, Some.Prediction("p1"));
        await log.CommitAsync([Some.Outcome("o")], [Some.Label("p1", 1, revision: 2, learner: "fraud")]);
        var labelled = await log.FindAsync("p1");
        Assert.Equal((PredictionState.Labelled, 1d, "o", "crm", 2), (labelled!.State, labelled.Label, labelled.OutcomeId, labelled.OutcomeSource, labelled.OutcomeRevision));
        Assert.Equal((Some.Noon, Some.Noon.AddHours(1)), (labelled.OutcomeTime, labelled.LabelledAt));
        Assert.Equal(Some.Bytes("vector p1"), labelled.Vector.ToArray());
        Assert.Equal(Some.Bytes("p1"), Assert.Single(await store.Streams.ReadStreamAsync("examples", "fraud", 0, 10)).Record.ToArray());
        Assert.Equal("o", (await log.FindOutcomeAsync("client:1", "o"))!.OutcomeId);
    }

    [Fact]
    public async Task A_change_decided_on_an_old_state_leaves_nothing_of_its_commit()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        await Append(log, Some.Prediction("p1"), Some.Prediction("p2"));
        await log.CommitAsync([], [Some.Label("p2", revision: 1)]);
        foreach (var stale in new[] { Some.Label("p2"), Some.Label("p2", expected: PredictionState.Labelled, expectedRevision: 0), Some.Label("missing") })
            await Assert.ThrowsAsync<JoinConflictException>(async () => await log.CommitAsync([Some.Outcome("o")], [Some.Label("p1", learner: "fraud"), stale]));
        Assert.Equal(PredictionState.Predicted, (await log.FindAsync("p1"))!.State);
        Assert.Null(await log.FindOutcomeAsync("client:1", "o"));
        Assert.Empty(await store.Streams.ListHeldAsync("examples"));
        await log.CommitAsync([], [Some.Label("p2", 0, PredictionState.Labelled, 1, PredictionState.Corrected, 2)]);
        Assert.Equal(0, (await log.FindAsync("p2"))!.Label);
    }

    [Fact]
    public async Task An_outcome_is_replaced_by_a_higher_revision_or_another_status_and_by_nothing_else()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        await log.CommitAsync([Some.Outcome("o", revision: 1) with { Status = 1 }], []);
        await log.CommitAsync([Some.Outcome("o", revision: 1) with { Status = 2 }], []);
        Assert.Equal(2, (await log.FindOutcomeAsync("client:1", "o"))!.Status);
        await log.CommitAsync([Some.Outcome("o", revision: 2, content: "d")], []);
        await Assert.ThrowsAsync<JoinConflictException>(async () => await log.CommitAsync([Some.Outcome("o", revision: 1)], []));
        await Assert.ThrowsAsync<JoinConflictException>(async () => await log.CommitAsync([Some.Outcome("o", revision: 2, content: "e")], []));
        Assert.Equal(2, (await log.FindOutcomeAsync("client:1", "o"))!.Revision);
        Assert.Null(await log.FindOutcomeAsync("client:2", "o"));
    }

    [Fact]
    public async Task An_early_outcome_waits_for_its_prediction()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        var until = Some.Noon.AddDays(1);
        await log.CommitAsync([Some.Outcome("o2", pendingUntil: until, minute: 2), Some.Outcome("o1", pendingUntil: until, minute: 1), Some.Outcome("o3")], []);
        Assert.Equal(["o1", "o2"], (await log.ListPendingAsync("client:1", "churn")).Select(o => o.OutcomeId));
        Assert.True((await log.AppendAsync(Some.Prediction("p1"))).HasPendingOutcome);
        Assert.False((await log.AppendAsync(Some.Prediction("p2", target: "fraud"))).HasPendingOutcome);
        Assert.False((await log.AppendAsync(Some.Prediction("p3", entity: "client:2"))).HasPendingOutcome);
        await log.CommitAsync([Some.Outcome("o1") with { Status = 1 }, Some.Outcome("o2") with { Status = 1 }], [Some.Label("p1")]);
        Assert.False((await log.AppendAsync(Some.Prediction("p4"))).HasPendingOutcome);
    }

    [Fact]
    public async Task A_listing_narrows_by_every_member_and_pages_by_id()
    {
        using var store = _folder.Open();
        var log = store.Predictions;
        await Append(
            log,
            Some.Prediction("p1", minute: 1),
            Some.Prediction("p2", entity: "client:2", minute: 2),
            Some.Prediction("p3", model: "other", minute: 3),
            Some.Prediction("p4", entity: "shop_1:4", minute: 4) with { Version = 4, Score = 0.9 },
            Some.Prediction("p5", entity: "", minute: 5));
        await log.CommitAsync([], [Some.Label("p1", 1), Some.Label("p4", 1), Some.Label("p2", 0, state: PredictionState.Defaulted)]);

        Assert.Equal(["p1", "p2", "p3", "p4", "p5"], Ids(await log.ListAsync(new())));
        Assert.Equal(["p1", "p2"], Ids(await log.ListAsync(new() { Limit = 2 })));
        Assert.Equal(["p3", "p4"], Ids(await log.ListAsync(new() { Limit = 2, After = "p2" })));
        Assert.Equal(["p1", "p2", "p4", "p5"], Ids(await log.ListAsync(new() { Model = "fraud" })));
        Assert.Equal(["p4"], Ids(await log.ListAsync(new() { Model = "fraud", Version = 4 })));
        Assert.Equal(["p1", "p3"], Ids(await log.ListAsync(new() { EntityKey = "client:1" })));
        Assert.Equal(["p3"], Ids(await log.ListAsync(new() { EntityKey = "client:1", Model = "other" })));
        Assert.Equal(["p5"], Ids(await log.ListAsync(new() { EntityKey = "" })));
        Assert.Equal(["p1", "p2", "p3"], Ids(await log.ListAsync(new() { EntityKeyPrefix = "client:" })));
        Assert.Equal(["p4"], Ids(await log.ListAsync(new() { EntityKeyPrefix = "shop_1:" })));
        Assert.Equal(["p2", "p3"], Ids(await log.ListAsync(new() { From = Some.Noon.AddMinutes(2), To = Some.Noon.AddMinutes(4) })));
        Assert.Equal(["p1", "p4"], Ids(await log.ListAsync(new() { State = PredictionState.Labelled })));
        Assert.Equal(["p1"], Ids(await log.ListAsync(new() { WrongAtThreshold = 0.5 })));
        // At 0.2 the score 0.25 counts as positive: now the negative label is the wrong one.
        Assert.Equal(["p2"], Ids(await log.ListAsync(new() { WrongAtThreshold = 0.2 })));
    }

    private static async Task Append(IPredictionLog log, params PredictionRecord[] records)
    {
        foreach (var record in records)
            await log.AppendAsync(record);
    }

    private static IEnumerable<string> Ids(IEnumerable<PredictionRecord> records) => records.Select(r => r.PredictionId);

    private static void AssertEqual(PredictionRecord expected, PredictionRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Vector.ToArray(), actual.Vector.ToArray());
        Assert.Equal(expected.Response.ToArray(), actual.Response.ToArray());
        Assert.Equal(expected.Decision.ToArray(), actual.Decision.ToArray());
        Assert.Equal(expected, actual with { Vector = expected.Vector, Response = expected.Response, Decision = expected.Decision });
    }
}
