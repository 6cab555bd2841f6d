using OrleansMl.Monitoring;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>Monitors of a target of several classes.</summary>
[Collection(LoopCollection.Name)]
public sealed class ClassMonitorTests(LoopFixture loop)
{
    private const string Monitors = """
            monitors:
              - {name: answers, on: class, statistic: psi, threshold: {constant: 0.5}, reference: {rows: 60}, chunk: {rows: 60}}
              - {name: truths, on: label, statistic: chi_square, threshold: {alpha: 0.001}, reference: {rows: 60}, chunk: {rows: 60}}
              - {name: errors, on: error, detector: {type: ddm}}
              - {name: losses, on: loss, detector: {type: page_hinkley, params: {threshold: 20}}}
        """;

    [Fact]
    public async Task The_answered_and_the_true_classes_drift_by_name_and_a_turned_world_raises_errors()
    {
        var toy = new ClassToy(loop, ["a", "b"], ["low", "middle", "high"]);
        await toy.ApplyAsync(toy.Yaml(blocks: Monitors));
        var monitor = loop.Grains.GetGrain<IMonitorGrain>(toy.Name);
        await DrainAsync(monitor);
        await toy.TeachAsync(Rows(60, 1, ["low", "middle", "high"]));
        await toy.CatchUpAsync();

        // The reference, a chunk like it, and one of a single class.
        await toy.TeachAsync(Rows(120, 2, ["low", "middle", "high"]));
        await DrainAsync(monitor);
        Assert.DoesNotContain((await monitor.GetAsync()).Value, status => status.State == "raised");
        await toy.TeachAsync(Rows(120, 3, ["high"]));
        await DrainAsync(monitor);

        var alarms = (await loop.Get<IMonitoringService>().ListAlarmsAsync(new AlarmFilter { Model = toy.Name }, 100, default)).Value.Items;
        var answered = Assert.Single(alarms, alarm => alarm.Monitor == "answers").Evidence.Single();
        Assert.Equal("class", answered.Series);
        Assert.Equal("high", answered.Current.Bins.MaxBy(bin => bin.Count)!.Category);
        Assert.Equal(["high", "low", "middle"], answered.Reference.Bins.Select(bin => bin.Category).Order());
        Assert.Contains(alarms, alarm => alarm.Monitor == "truths");

        // Nothing is as it was: what was high is low now.
        await toy.TeachAsync(Rows(200, 4, ["low", "middle", "high"]).Select(row => (row.Values, row.Truth switch { "high" => "low", "low" => "middle", _ => "high" })));
        await DrainAsync(monitor);
        alarms = (await loop.Get<IMonitoringService>().ListAlarmsAsync(new AlarmFilter { Model = toy.Name }, 100, default)).Value.Items;
        Assert.Contains(alarms, alarm => alarm.Monitor == "errors");
        Assert.Contains(alarms, alarm => alarm.Monitor == "losses");
    }

    private static async Task DrainAsync(IMonitorGrain monitor)
    {
        while (await monitor.CatchUpAsync())
        {
        }
    }

    private static IEnumerable<(double[] Values, string Truth)> Rows(int count, int seed, string[] classes)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var truth = classes[random.Next(classes.Length)];
            yield return ([truth switch { "low" => -2, "high" => 2, _ => 0 }, truth == "middle" ? 2 : 0], truth);
        }
    }
}
