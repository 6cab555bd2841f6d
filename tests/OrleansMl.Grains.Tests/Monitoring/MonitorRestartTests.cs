using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Monitoring;

/// <summary>On a cluster of its own, which it stops and starts.</summary>
public sealed class MonitorRestartTests(LoopFixture loop) : IClassFixture<LoopFixture>
{
    [Fact]
    public async Task After_restarts_a_monitor_goes_on_where_it_was()
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync("{name: m, on: score, statistic: wasserstein, threshold: {constant: 0.5}, chunk: {rows: 50}, reference: {rows: 100}}, {name: d, on: score, detector: {type: page_hinkley, params: {threshold: 10}}}");

        // In the middle of the reference: its rows come again from the log.
        await model.PredictAsync(Enumerable.Range(0, 60).Select(i => i % 10 / 50.0));
        await model.DrainAsync();
        await loop.RestartAsync();
        await model.PredictAsync(Enumerable.Range(0, 190).Select(i => i % 10 / 50.0));
        Assert.Equal((250L, 250L), ((await model.StatusAsync()).Rows, (await model.StatusAsync("d")).Rows));

        // In the middle of the chunk that raises it, and after it.
        await model.PredictAsync(Enumerable.Repeat(0.9, 25));
        await model.DrainAsync();
        await loop.RestartAsync();
        await model.PredictAsync(Enumerable.Repeat(0.9, 60));
        var alarms = await model.AlarmsAsync();
        Assert.Equal(["d", "m"], alarms.Select(alarm => alarm.Monitor).Order());
        var chunk = alarms.Single(alarm => alarm.Monitor == "m");
        Assert.Equal((251L, 300L, 50L), (chunk.FirstRow, chunk.LastRow, chunk.Evidence[0].Current.Count));
        await loop.RestartAsync();
        Assert.Equal((335L, chunk.Id), await model.StatusAsync() is var status ? (status.Rows, status.Alarm) : default);
        Assert.Equal(2, (await model.AlarmsAsync()).Count);
    }

    [Fact]
    public async Task A_crash_after_an_alarm_was_stored_neither_doubles_nor_loses_it()
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync("{name: m, on: score, statistic: wasserstein, threshold: {constant: 0.5}, chunk: {rows: 20}, reference: {rows: 50}}");
        loop.BeforeStateWrite = grain => grain.Contains(model.Name, StringComparison.Ordinal) ? throw new IOException("The disk is full.") : Task.CompletedTask;
        await model.PredictAsync(Enumerable.Repeat(0.2, 60).Concat(Enumerable.Repeat(0.9, 40)));
        await Eventually.IsAsync(async () => (await loop.Store.Monitoring.ListAlarmsAsync(new AlarmFilter { Model = model.Name }, 9)).Count == 1 ? null : "no alarm is stored");

        // What the monitor had in memory is gone, and its stored state knows nothing of the alarm.
        await loop.RestartAsync();
        loop.BeforeStateWrite = null;
        var alarm = Assert.Single(await model.AlarmsAsync());
        Assert.Equal((alarm.Id, 100L), await model.StatusAsync() is var status ? (status.Alarm, status.Rows) : default);
        Assert.Single(await loop.Store.Streams.ReadStreamAsync(OmlStreams.Alarms, model.Name, 0, 10));
    }
}
