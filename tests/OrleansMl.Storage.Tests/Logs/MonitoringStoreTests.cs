using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

public sealed class MonitoringStoreTests : IDisposable
{
    private static readonly DateTime Time = new(2026, 1, 5, 12, 0, 0, DateTimeKind.Utc);

    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Predictions_are_fed_by_model_in_the_order_of_their_commits()
    {
        using var store = _folder.Open();
        foreach (var (id, model) in ((string, string)[])[("p9", "fraud"), ("p1", "other"), ("p5", "fraud"), ("p3", "fraud")])
            await store.Predictions.AppendAsync(Some.Prediction(id, model: model));
        var first = await store.Monitoring.ReadPredictionsAsync("fraud", 0, 2);
        Assert.Equal(["p9", "p5"], first.Select(fed => fed.Prediction.PredictionId));
        var rest = await store.Monitoring.ReadPredictionsAsync("fraud", first[1].Sequence, 9);
        Assert.Equal("p3", Assert.Single(rest).Prediction.PredictionId);
        Assert.Equal(new FeedEnds(rest[0].Sequence, 0), await store.Monitoring.GetEndsAsync("fraud"));
        Assert.Equal(new FeedEnds(0, 0), await store.Monitoring.GetEndsAsync("nothing"));
    }

    [Fact]
    public async Task A_prediction_is_fed_once_at_its_first_label_and_keeps_its_place()
    {
        using (var store = _folder.Open())
        {
            foreach (var id in (string[])["a", "b", "c", "d"])
                await store.Predictions.AppendAsync(Some.Prediction(id));
            await store.Predictions.CommitAsync([], [Label("c", 1), Label("a", 0)]);
            await store.Predictions.CommitAsync([], [Label("c", 0, PredictionState.Labelled, revision: 1), Label("b", 1), Label("d", null)]);
        }

        using var again = _folder.Open();
        var fed = await again.Monitoring.ReadLabelledAsync("fraud", 0, 9);
        Assert.Equal([(1L, "c", 0.0), (2L, "a", 0.0), (3L, "b", 1.0)], fed.Select(row => (row.Sequence, row.Prediction.PredictionId, row.Prediction.Label!.Value)));
        Assert.Equal(3, (await again.Monitoring.GetEndsAsync("fraud")).Labelled);
        Assert.Equal("b", Assert.Single(await again.Monitoring.ReadLabelledAsync("fraud", 2, 9)).Prediction.PredictionId);
    }

    [Fact]
    public async Task An_alarm_that_is_stored_again_changes_nothing_and_is_told_once()
    {
        using var store = _folder.Open();
        var alarm = new AlarmRow { Id = "m.1", Model = "fraud", Monitor = "m", Raised = Time, Document = "{}"u8.ToArray() };
        var record = new StreamAppend("alarms", "fraud", new byte[] { 1 });
        await store.Monitoring.CommitAlarmsAsync([(alarm, record)], []);
        await store.Monitoring.CommitAlarmsAsync([(alarm with { Raised = Time.AddHours(1) }, record)], [(new AlarmEnd("fraud", "m.1", Time.AddHours(2)), record)]);
        await store.Monitoring.CommitAlarmsAsync([], [(new AlarmEnd("fraud", "m.1", Time.AddHours(3)), record), (new AlarmEnd("other", "m.1", Time), record)]);
        var stored = (await store.Monitoring.FindAlarmAsync("fraud", "m.1"))!;
        Assert.Equal((Time, Time.AddHours(2)), (stored.Raised, stored.Ended));
        Assert.Equal(2, (await store.Streams.ReadStreamAsync("alarms", "fraud", 0, 9)).Count);
        Assert.Equal("ana", (await store.Monitoring.AcknowledgeAsync("fraud", "m.1", "ana", null, Time))!.AcknowledgedBy);
        Assert.Equal("ana", (await store.Monitoring.AcknowledgeAsync("fraud", "m.1", "ben", "late", Time))!.AcknowledgedBy);
        Assert.Null(await store.Monitoring.AcknowledgeAsync("fraud", "m.9", "ana", null, Time));
    }

    [Fact]
    public async Task Alarms_are_listed_newest_first_by_what_is_asked_for()
    {
        using var store = _folder.Open();
        var record = new StreamAppend("alarms", "fraud", new byte[] { 1 });
        for (var i = 0; i < 5; i++)
            await store.Monitoring.CommitAlarmsAsync([(new AlarmRow { Id = $"a{i}", Model = i == 4 ? "other" : "fraud", Monitor = $"m{i % 2}", Raised = Time.AddHours(i), Document = "{}"u8.ToArray() }, record)], []);
        await store.Monitoring.CommitAlarmsAsync([], [(new AlarmEnd("fraud", "a1", Time), record)]);
        Assert.Equal(["a3", "a2", "a1", "a0"], await Ids(new AlarmFilter { Model = "fraud" }));
        Assert.Equal(["a2", "a0"], await Ids(new AlarmFilter { Model = "fraud", Monitor = "m0" }));
        Assert.Equal(["a1"], await Ids(new AlarmFilter { Model = "fraud", IsEnded = true }));
        Assert.Equal(["a3", "a2", "a0"], await Ids(new AlarmFilter { Model = "fraud", IsEnded = false }));
        Assert.Equal(["a2", "a1"], await Ids(new AlarmFilter { Model = "fraud", From = Time.AddHours(1), To = Time.AddHours(3) }));
        var newest = (await store.Monitoring.ListAlarmsAsync(new AlarmFilter { Model = "fraud" }, 2))[1];
        Assert.Equal(["a1", "a0"], await Ids(new AlarmFilter { Model = "fraud", Before = newest.Sequence }));

        async Task<IEnumerable<string>> Ids(AlarmFilter filter) => (await store.Monitoring.ListAlarmsAsync(filter, 9)).Select(alarm => alarm.Id);
    }

    private static OutcomeChange Label(string id, double? label, PredictionState from = PredictionState.Predicted, int revision = 0) => new()
    {
        PredictionId = id,
        ExpectedState = from,
        ExpectedRevision = 0,
        State = label is null ? PredictionState.Closed : PredictionState.Labelled,
        Label = label,
        Revision = revision,
        LabelledAt = Time,
    };
}
