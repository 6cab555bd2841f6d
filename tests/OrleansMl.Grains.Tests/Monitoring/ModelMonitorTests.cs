using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Monitoring;
using Xunit.Abstractions;

namespace OrleansMl.Grains.Tests.Monitoring;

/// <summary>A monitor by itself: what it takes decides all that it says.</summary>
public sealed class ModelMonitorTests(ITestOutputHelper output)
{
    private const string Features = "{name: inputs, on: features, columns: [c0, c1], statistic: kolmogorov_smirnov, threshold: {alpha: 0.001}, chunk: {rows: 100}, reference: {rows: 200}, cooldown: 100}";

    [Fact]
    public void A_feature_that_moves_raises_one_alarm_with_the_column_that_shows_it()
    {
        var monitor = Watched.Monitor(3, Features);
        var alarms = new List<Alarm>();
        var random = new Random(1);

        // The chunks after the reference begin at row 201; c1 moves with row 601.
        for (var i = 1; i <= 1_000; i++)
        {
            var row = Watched.Row(i, [random.Normal(), random.Normal() + (i > 600 ? 1 : 0), random.Normal() + (i > 300 ? 5 : 0)]);
            if (monitor.Take(row) == AlarmStep.Raise)
                alarms.Add(monitor.ToAlarm(Watched.Start));
        }

        var alarm = Assert.Single(alarms);
        Assert.Equal((601L, 700L, 1, 2, "holm"), (alarm.FirstRow, alarm.LastRow, alarm.PastCount, alarm.JudgedCount, alarm.Correction));
        Assert.Equal((Watched.Start.AddSeconds(601), Watched.Start.AddSeconds(700)), (alarm.From, alarm.To));
        Assert.Equal(Enumerable.Range(691, 10).Select(n => $"watched-{n:d7}"), alarm.PredictionIds);
        Assert.Equal([1], alarm.Versions.ToArray());
        var evidence = Assert.Single(alarm.Evidence);
        Assert.Equal(("c1", 200L, 100L), (evidence.Series, evidence.Reference.Count, evidence.Current.Count));
        Assert.True(evidence.CorrectedPValue < 0.001 && evidence.PValue <= evidence.CorrectedPValue);
        Assert.InRange(evidence.Current.Mean!.Value - evidence.Reference.Mean!.Value, 0.7, 1.3);
        Assert.Equal((200L, 100L), (evidence.Reference.Bins.Sum(bin => bin.Count), evidence.Current.Bins.Sum(bin => bin.Count)));
        Assert.True(monitor.IsRaised);
    }

    [Fact]
    public void An_alarm_ends_when_the_change_is_over_and_the_next_waits_for_the_cooldown()
    {
        var monitor = Watched.Monitor(1, "{name: m, on: score, statistic: wasserstein, threshold: {constant: 0.5}, chunk: {rows: 50}, reference: {rows: 50}, cooldown: 75}");
        var steps = new List<(int, AlarmStep)>();

        // Chunks of 50 after row 50, by turns within and past the threshold.
        for (var i = 1; i <= 500; i++)
        {
            var past = ((i - 1) / 50) is 2 or 3 or 5 or 7;
            if (monitor.Take(Watched.Row(i, [0], score: (i % 10 / 10.0) + (past ? 2 : 0))) is not AlarmStep.None and var step)
                steps.Add((i, step));
        }

        // The one at 300 is within 75 rows of the end at 250; that at 400 stands apart.
        Assert.Equal([(150, AlarmStep.Raise), (250, AlarmStep.End), (400, AlarmStep.Raise), (450, AlarmStep.End)], steps);
    }

    [Fact]
    public void Persistence_asks_for_chunks_in_a_row()
    {
        var monitor = Watched.Monitor(1, "{name: m, on: score, statistic: psi, threshold: {constant: 0.25}, chunk: {rows: 50}, reference: {rows: 50}, persistence: 2, cooldown: 1}");
        var raised = new List<int>();
        for (var i = 1; i <= 500; i++)
        {
            var past = ((i - 1) / 50) is 2 or 4 or 5 or 6;
            if (monitor.Take(Watched.Row(i, [0], score: (i % 10 / 10.0) + (past ? 2 : 0))) == AlarmStep.Raise)
                raised.Add(i);
        }

        Assert.Equal([300], raised);
    }

    [Fact]
    public void A_category_that_the_reference_does_not_know_is_drift_and_named_so()
    {
        var monitor = Watched.Monitor(1, "{name: m, on: features, columns: [kind], statistic: chi_square, threshold: {alpha: 0.001}, chunk: {rows: 100}, reference: {rows: 300}}");
        Alarm? alarm = null;
        for (var i = 1; i <= 600; i++)
        {
            var kind = i > 500 && i % 2 == 0 ? "tablet" : i % 3 == 0 ? "phone" : "desk";
            if (monitor.Take(Watched.Row(i, [0], kind)) == AlarmStep.Raise)
                alarm = monitor.ToAlarm(Watched.Start);
        }

        Assert.Equal((501L, 600L), (alarm!.FirstRow, alarm.LastRow));
        var bins = Assert.Single(alarm.Evidence).Current.Bins.ToDictionary(bin => bin.Category!, bin => bin.Count);
        Assert.Equal(50, bins["(unknown)"]);
        Assert.Equal(50, bins["phone"] + bins["desk"]);
        Assert.Equal(200, Assert.Single(alarm.Evidence).Reference.Bins.Single(bin => bin.Category == "desk").Count);
    }

    [Fact]
    public void A_column_that_stops_coming_is_seen_by_its_missing_rate_and_by_no_other()
    {
        var missing = Watched.Monitor(2, "{name: m, on: missing_rate, statistic: chi_square, threshold: {alpha: 0.001}, chunk: {rows: 100}, reference: {rows: 200}}");
        var values = Watched.Monitor(2, Features);
        var random = new Random(2);
        Alarm? alarm = null;
        for (var i = 1; i <= 800; i++)
        {
            var row = Watched.Row(i, [random.Normal(), i > 500 && i % 4 == 0 ? null : random.Normal()], "a");
            if (missing.Take(row) == AlarmStep.Raise)
                alarm = missing.ToAlarm(Watched.Start);
            Assert.NotEqual(AlarmStep.Raise, values.Take(row));
        }

        Assert.Equal(("c1", 501L), (Assert.Single(alarm!.Evidence).Series, alarm.FirstRow));
        Assert.Equal(0.25, alarm.Evidence[0].Current.Mean!.Value, 1e-12);
    }

    [Theory]
    [InlineData("kolmogorov_smirnov")]
    [InlineData("chi_square")]
    public void Two_hundred_columns_that_stand_still_raise_no_more_alarms_than_the_level_allows(string statistic)
    {
        const int Columns = 200;
        const int Seeds = 100;
        var (corrected, plain) = (0, 0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            corrected += Raised("holm", seed);
            if (seed < 10)
                plain += Raised("none", seed);
        }

        output.WriteLine($"{statistic}: {corrected} of {Seeds} chunks raised an alarm with holm at 0.05, {plain} of 10 without");

        // One chunk each: at a level of 5 % more than 12 of 100 have a probability below 0.2 %.
        Assert.InRange(corrected, 0, 12);
        Assert.Equal(10, plain);

        int Raised(string correction, int seed)
        {
            var random = new Random(seed);
            var sample = new ReferenceSample(Columns);
            var definition = Watched.Compile(1, $"{{name: m, on: features, columns: [c0], statistic: {statistic}, threshold: {{alpha: 0.05}}, chunk: {{rows: 100}}, correction: {correction}}}").Definition.Monitors[0];
            var values = new double[Columns];
            for (var i = 0; i < 200; i++)
                sample.Add(Draw());
            var watch = new ChunkWatch(definition, [.. Enumerable.Range(0, Columns).Select(i => $"c{i}")], sample, new CategoryCodes?[Columns]);
            var row = Watched.Row(1, []);
            return Enumerable.Range(1, 100).Count(number => watch.Take(row, Draw(), number) == AlarmStep.Raise);

            double[] Draw()
            {
                for (var i = 0; i < Columns; i++)
                    values[i] = random.NextDouble();
                return values;
            }
        }
    }

    [Fact]
    public void Memory_does_not_grow_with_the_rows_of_a_chunk()
    {
        const int Columns = 4_096;
        var definition = Watched.Compile(1, "{name: m, on: features, columns: [c0], statistic: psi, threshold: {constant: 0.25}, chunk: {rows: 1000000}}").Definition.Monitors[0];
        var random = new Random(3);
        var values = new double[Columns];
        var sample = new ReferenceSample(Columns);
        for (var i = 0; i < 100; i++)
            sample.Add(Draw());
        var watch = new ChunkWatch(definition, [.. Enumerable.Range(0, Columns).Select(i => $"c{i}")], sample, new CategoryCodes?[Columns]);
        var row = Watched.Row(1, []);
        var sizes = new List<int>();
        for (var i = 1; i <= 300; i++)
        {
            watch.Take(row, Draw(), i);
            if (i is 10 or 300)
                sizes.Add(Size(watch));
        }

        Assert.Equal(sizes[0], sizes[1]);
        Assert.InRange(sizes[0], 1, Columns * 400);

        double[] Draw()
        {
            for (var i = 0; i < Columns; i++)
                values[i] = random.NextDouble();
            return values;
        }

        static int Size(IWatch watch)
        {
            using var stream = new MemoryStream();
            using var writer = new BinaryWriter(stream);
            watch.Write(writer);
            return (int)stream.Length;
        }
    }

    public static TheoryData<string> Kinds =>
    [
        Features,
        "{name: m, on: features, columns: [kind, c0], statistic: jensen_shannon, threshold: {deviations: 3}, chunk: {rows: 30}, reference: {rows: 150}, cooldown: 40}",
        "{name: m, on: score, statistic: wasserstein, threshold: {constant: 0.4}, chunk: {period: 1m}, reference: {rows: 60}, cooldown: 20}",
        "{name: m, on: error, detector: {type: hddm_w}, cooldown: 30}",
        "{name: m, on: loss, detector: {type: page_hinkley, params: {threshold: 5}}, cooldown: 30}",
        "{name: m, on: features, detector: {type: adwin, params: {delta: 0.05}}, cooldown: 30}",
        "{name: m, on: score, detector: {type: kswin, params: {window: 60, recent: 20}}, cooldown: 30}",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_monitor_that_is_stored_anywhere_and_read_again_says_the_same(string declared)
    {
        var model = Watched.Compile(2, declared);
        Prop.ForAll(Gen.Choose(0, 10_000).ToArbitrary(), Gen.Choose(1, 600).ListOf().ToArbitrary(), (seed, cuts) =>
        {
            var rows = Rows(seed);
            var whole = Run(rows, []);
            return whole.SequenceEqual(Run(rows, [.. cuts]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10));

        // What is stored says how far it is: all after it comes again, and a little before it too.
        List<(int, AlarmStep, long, long)> Run(List<MonitorRow> rows, HashSet<int> cuts)
        {
            var monitor = new ModelMonitor(model.Definition.Monitors[0], model, 0);
            var steps = new List<(int, AlarmStep, long, long)>();
            for (var i = 0; i < rows.Count; i++)
            {
                if (cuts.Remove(i))
                {
                    var stored = monitor.Save();
                    monitor = new ModelMonitor(model.Definition.Monitors[0], model, stored);
                    i = (int)Math.Max(0, stored.Applied - 5);
                }

                if (monitor.Take(rows[i]) is not AlarmStep.None and var step)
                    steps.Add((i, step, monitor.Rows, step == AlarmStep.Raise ? monitor.ToAlarm(Watched.Start).FirstRow : 0));
            }

            return steps;
        }

        static List<MonitorRow> Rows(int seed)
        {
            var random = new Random(seed);
            var change = random.Next(200, 500);
            return
            [
                .. Enumerable.Range(1, 700).Select(i => Watched.Row(
                    i, [random.Normal() + (i > change ? 2 : 0), random.Next(8) == 0 ? null : random.Normal()], random.Next(3) == 0 ? null : $"k{random.Next(i > change ? 5 : 2)}",
                    Math.Clamp(0.5 + (random.Normal() / 4) + (i > change ? 0.4 : 0), 0, 1), random.Next(2))),
            ];
        }
    }
}
