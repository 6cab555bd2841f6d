using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

/// <summary>Labels that came for a prediction, beside the one that stands.</summary>
public sealed class LabelTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Labels_read_back_in_their_order_and_a_verdict_replaces_the_one_before()
    {
        using (var store = _folder.Open())
        {
            await store.Predictions.AppendAsync(Some.Prediction("p1"));
            await store.Predictions.CommitAsync([], [Some.Label("p1") with { Labels = [Said(0, "a", LabelVerdict.Stands)] }]);
            await store.Predictions.CommitAsync([], [Some.Label("p1", label: 0, expected: PredictionState.Labelled, state: PredictionState.Corrected, revision: 1) with
            {
                Labels = [Said(1, "b", LabelVerdict.Stands) with { Value = 0, Revision = 4, Reason = "looked at it" }, Said(0, "a", LabelVerdict.Replaced)],
            }]);
        }

        using var again = _folder.Open();
        Assert.Equal(
            [Said(0, "a", LabelVerdict.Replaced), Said(1, "b", LabelVerdict.Stands) with { Value = 0, Revision = 4, Reason = "looked at it" }],
            await again.Predictions.ListLabelsAsync("client:1", "p1"));
        Assert.Empty(await again.Predictions.ListLabelsAsync("client:2", "p1"));

        // The outcome that lost is found by its id as well as the one that first labelled it.
        Assert.Equal(["p1"], (await again.Predictions.ListLabelledByAsync("client:1", "o-b")).Select(p => p.PredictionId));
    }

    [Fact]
    public async Task A_change_that_meets_another_writer_leaves_no_labels()
    {
        using var store = _folder.Open();
        await store.Predictions.AppendAsync(Some.Prediction("p1"));
        await Assert.ThrowsAsync<JoinConflictException>(async () =>
            await store.Predictions.CommitAsync([], [Some.Label("p1", expectedRevision: 7) with { Labels = [Said(0, "a", LabelVerdict.Stands)] }]));
        Assert.Empty(await store.Predictions.ListLabelsAsync("client:1", "p1"));
    }

    [Fact]
    public async Task Labelled_predictions_are_found_by_a_time_in_their_windows()
    {
        using var store = _folder.Open();
        foreach (var (id, minute) in new[] { ("p1", 0), ("p2", 30), ("p3", 90) })
        {
            await store.Predictions.AppendAsync(Some.Prediction(id, minute: minute));
            if (id != "p3")
                await store.Predictions.CommitAsync([], [Some.Label(id)]);
        }

        Assert.Equal(["p1", "p2"], await IdsAsync(40));
        Assert.Equal(["p2"], await IdsAsync(60));
        Assert.Empty(await IdsAsync(95));

        async Task<IEnumerable<string>> IdsAsync(int minute) =>
            (await store.Predictions.ListLabelledAtAsync("client:1", "churn", null, Some.Noon.AddMinutes(minute))).Select(p => p.PredictionId);
    }

    [Fact]
    public async Task Predictions_of_a_number_are_wrong_above_an_error()
    {
        using var store = _folder.Open();
        foreach (var (id, label) in new[] { ("p1", 0.25), ("p2", 0.5), ("p3", -1.0) })
        {
            await store.Predictions.AppendAsync(Some.Prediction(id));
            await store.Predictions.CommitAsync([], [Some.Label(id, label)]);
        }

        await store.Predictions.AppendAsync(Some.Prediction("p4"));
        Assert.Equal(["p2", "p3"], (await store.Predictions.ListAsync(new PredictionFilter { Model = "fraud", WrongAboveError = 0.1 })).Select(p => p.PredictionId));
        Assert.Equal(["p3"], (await store.Predictions.ListAsync(new PredictionFilter { WrongAboveError = 1 })).Select(p => p.PredictionId));
    }

    private static LabelStatement Said(int sequence, string source, LabelVerdict verdict) => new()
    {
        Sequence = sequence,
        OutcomeId = "o-" + source,
        Value = 1,
        Source = source,
        Time = Some.Noon,
        Received = Some.Noon.AddMinutes(sequence),
        Verdict = verdict,
    };
}
