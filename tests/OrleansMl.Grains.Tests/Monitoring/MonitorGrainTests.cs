using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using OrleansMl.Monitoring;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Monitoring;

[Collection(LoopCollection.Name)]
public sealed class MonitorGrainTests(LoopFixture loop)
{
    private const string Scores = "{name: m, on: score, statistic: wasserstein, threshold: {constant: 0.5}, chunk: {rows: 20}, reference: {rows: 50}, cooldown: 1}";

    /// <summary>The first two changes of tornado-sine1, at 20,000 and 40,000.</summary>
    private const int Rows = 45_000;

    [SkippableFact]
    public async Task Alarms_on_errors_fed_one_by_one_come_at_the_same_rows_as_in_river()
    {
        using var golden = JsonDocument.Parse(TestData.Read("golden/detectors.json"));
        var errors = Sine1()[..Rows];
        var model = new WatchedModel(loop);
        await model.ApplyAsync("""
            {name: ph, on: error, detector: {type: page_hinkley}, cooldown: 1}, {name: adwin, on: error, detector: {type: adwin}, cooldown: 1},
            {name: ddm, on: error, detector: {type: ddm}, cooldown: 1}, {name: hddm, on: error, detector: {type: hddm_w}, cooldown: 1}
            """);
        await model.PredictAsync(errors.Select(_ => 0.9), i => errors[i] == 0 ? 1 : 0);
        var alarms = await model.AlarmsAsync();
        foreach (var (monitor, name) in ((string, string)[])[("ph", "PageHinkley_defaults"), ("adwin", "ADWIN_delta_0_002"), ("ddm", "DDM"), ("hddm", "HDDM_W")])
        {
            var expected = golden.RootElement.GetProperty("results").GetProperty(name).GetProperty("sine1").GetProperty("first_drifts").EnumerateArray().Select(index => index.GetInt64()).Where(index => index < Rows);
            Assert.Equal(expected, alarms.Where(alarm => alarm.Monitor == monitor).Select(alarm => alarm.LastRow - 1));
        }

        // The first rises the error from a tenth to nine tenths: the window shows it against what was before.
        var first = alarms.First(alarm => alarm.Monitor == "ph");
        var evidence = Assert.Single(first.Evidence);
        Assert.Equal(("error", true), (evidence.Series, evidence.Statistic > evidence.Threshold));
        Assert.InRange(evidence.Reference.Mean!.Value, 0.09, 0.11);
        Assert.True(evidence.Current.Mean > 0.5);
        Assert.Equal($"{model.Name}-{first.LastRow:d7}", first.PredictionIds[^1]);
        Assert.All(alarms.Where(alarm => alarm.LastRow < 40_000), alarm => Assert.NotNull(alarm.Ended));
    }

    [Fact]
    public async Task Drift_of_the_score_is_stored_told_once_and_ends()
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync(Scores);
        Assert.Equal("collecting", (await model.StatusAsync()).State);
        await model.PredictAsync(Enumerable.Repeat(0.2, 90));
        Assert.Equal(("watching", 90L), await model.StatusAsync() is var before ? (before.State, before.Rows) : default);
        Assert.Empty(await model.AlarmsAsync());

        await model.PredictAsync(Enumerable.Repeat(0.9, 20));
        var alarm = Assert.Single(await model.AlarmsAsync());
        Assert.Equal((91L, 110L, "wasserstein", "score"), (alarm.FirstRow, alarm.LastRow, alarm.Detector, alarm.On));
        Assert.Equal((0.7, 0.5), (Math.Round(Assert.Single(alarm.Evidence).Statistic, 9), alarm.Evidence[0].Threshold));
        Assert.Equal(("raised", alarm.Id), await model.StatusAsync() is var raised ? (raised.State, raised.Alarm) : default);

        // It goes on drifting: that is the same alarm.
        await model.PredictAsync(Enumerable.Repeat(0.9, 200));
        Assert.Single(await model.AlarmsAsync());
        await model.PredictAsync(Enumerable.Repeat(0.2, 20));
        Assert.NotNull(Assert.Single(await model.AlarmsAsync()).Ended);

        // Whoever acts on alarms hears of both by the stream.
        await Eventually.IsAsync(() => Task.FromResult(AlarmListenerGrain.Taken(model.Name).Count == 2 ? null : $"{AlarmListenerGrain.Taken(model.Name).Count} records came"));
        var told = AlarmListenerGrain.Taken(model.Name);
        Assert.Equal([("oml.drift.alarm.raised", alarm.Id), ("oml.drift.alarm.ended", alarm.Id + "/end")], told.Select(record => (record.Type, record.Id)));
        using var data = JsonDocument.Parse(told[0].Data);
        Assert.Equal("score", data.RootElement.GetProperty("evidence")[0].GetProperty("series").GetString());
    }

    [Fact]
    public async Task Another_definition_begins_anew_and_ends_the_alarm_of_the_old_one()
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync(Scores + ", {name: other, on: score, detector: {type: adwin}}");
        await model.PredictAsync(Enumerable.Repeat(0.2, 50).Concat(Enumerable.Repeat(0.9, 20)));
        Assert.Null(Assert.Single(await model.AlarmsAsync()).Ended);
        await model.ApplyAsync(Scores.Replace("0.5", "0.6", StringComparison.Ordinal) + ", {name: other, on: score, detector: {type: adwin}}");
        Assert.NotNull(Assert.Single(await model.AlarmsAsync()).Ended);
        Assert.Equal(("collecting", 0L), await model.StatusAsync() is var anew ? (anew.State, anew.Rows) : default);
        Assert.Equal(70, (await model.StatusAsync("other")).Rows);

        // Its reference is what comes now, and its alarms have ids of their own.
        await model.PredictAsync(Enumerable.Repeat(0.9, 50).Concat(Enumerable.Repeat(0.1, 20)));
        var alarms = (await model.AlarmsAsync()).Where(alarm => alarm.Monitor == "m").ToList();
        Assert.Equal(2, alarms.Select(alarm => alarm.Id).Distinct().Count());
        await model.ApplyAsync("{name: other, on: score, detector: {type: adwin}}");
        Assert.All(await model.AlarmsAsync(), alarm => Assert.True(alarm.Ended is not null || alarm.Monitor == "other"));
    }

    [Fact]
    public async Task A_reference_of_a_time_is_read_from_the_log()
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync("{name: first, on: score, detector: {type: kswin}}");
        await model.PredictAsync(Enumerable.Repeat(0.2, 100));
        var declared = Scores.Replace("reference: {rows: 50}", "reference: {from: \"2026-01-05T12:00:01Z\", to: \"2026-01-05T12:01:21Z\"}", StringComparison.Ordinal);
        loop.Clock.Advance(TimeSpan.FromMinutes(10));
        await model.ApplyAsync(declared);
        Assert.Equal("watching", (await model.StatusAsync()).State);
        await model.PredictAsync(Enumerable.Repeat(0.9, 20));
        Assert.Equal(80, Assert.Single(Assert.Single(await model.AlarmsAsync()).Evidence).Reference.Count);

        await model.ApplyAsync(declared.Replace("12:01:21", "12:00:21", StringComparison.Ordinal));
        var failed = await model.StatusAsync();
        Assert.Equal("failed", failed.State);
        Assert.Contains("has 20 rows that say something, and 50 are needed", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prediction_counts_once_in_the_order_of_first_labels_whatever_becomes_of_its_label()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20) + "\n    monitors: [{name: m, on: error, detector: {type: page_hinkley}}]\n");
        var grain = loop.Grains.GetGrain<IMonitorGrain>(toy.Name);
        await grain.CatchUpAsync();
        await toy.TeachAsync(30, 1, z => z > 0);
        PredictResponse answer = null!;
        await Eventually.IsAsync(async () => (answer = await toy.PredictAsync(z: 1)).Version is null ? "No version serves yet." : null);
        var label = Scalar.Of(true);
        await toy.OutcomeAsync(answer.PredictionId, label, "first");
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of(false), "second", revision: 1);
        while (await grain.CatchUpAsync())
        {
        }

        // The prior has no score to be right or wrong about: only what a version has answered counts.
        var served = (await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name })).Count(record => record is { Score: not null, Label: not null });
        Assert.Equal(served, (await grain.GetAsync()).Value[0].Rows);
        Assert.True(served is > 0 and < 31);
    }

    [Fact]
    public async Task An_alarm_is_acknowledged_once_and_listed_by_what_is_asked_for()
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync(Scores);
        for (var turn = 0; turn < 3; turn++)
            await model.PredictAsync(Enumerable.Repeat(0.2, turn == 0 ? 50 : 20).Concat(Enumerable.Repeat(0.9, 20)));
        var alarms = await model.AlarmsAsync();
        Assert.Equal([false, false, true], alarms.Select(alarm => alarm.Ended is null));
        var service = loop.Get<IMonitoringService>();
        var seen = (await service.AcknowledgeAsync(model.Name, alarms[0].Id, "ana", "known", default)).Value;
        Assert.Equal(("ana", "known"), (seen.AcknowledgedBy, seen.Note));
        Assert.Equal("ana", (await service.AcknowledgeAsync(model.Name, alarms[0].Id, "ben", null, default)).Value.AcknowledgedBy);
        Assert.Equal(("unknown_alarm", 404), (await service.AcknowledgeAsync(model.Name, "none", "ana", null, default)).Error is { } error ? (error.Code, error.Status) : default);
        Assert.Equal("unknown_model", (await service.GetMonitorsAsync("no-such-model", default)).Error!.Code);

        var first = (await service.ListAlarmsAsync(new AlarmFilter { Model = model.Name }, 2, default)).Value;
        Assert.Equal([alarms[2].Id, alarms[1].Id], first.Items.Select(alarm => alarm.Id));
        var second = (await service.ListAlarmsAsync(new AlarmFilter { Model = model.Name, Before = first.Next }, 2, default)).Value;
        Assert.Equal((alarms[0].Id, null), (Assert.Single(second.Items).Id, second.Next));
        Assert.Equal(alarms[2].Id, Assert.Single((await service.ListAlarmsAsync(new AlarmFilter { Model = model.Name, IsEnded = false }, 9, default)).Value.Items).Id);
        Assert.Empty((await service.ListAlarmsAsync(new AlarmFilter { Model = model.Name, From = alarms[2].Raised.AddTicks(1) }, 9, default)).Value.Items);
    }

    /// <summary>Errors of the rule "n where sin(x) &lt; y" on tornado-sine1.</summary>
    private static double[] Sine1()
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(TestData.Read("tornado-sine1/sine1_w_50_n_0.1_101.arff.gz")), CompressionMode.Decompress));
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).SkipWhile(line => !line.StartsWith("@data", StringComparison.Ordinal)).Skip(1);
        return
        [
            .. from fields in lines.Select(line => line.Split(','))
               where fields.Length == 3
               let says = Math.Sin(double.Parse(fields[0], CultureInfo.InvariantCulture)) < double.Parse(fields[1], CultureInfo.InvariantCulture) ? "n" : "p"
               select says == fields[2].Trim() ? 0.0 : 1.0,
        ];
    }
}
