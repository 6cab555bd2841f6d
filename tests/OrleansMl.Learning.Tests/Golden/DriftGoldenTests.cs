using System.Text.Json;
using Xunit.Abstractions;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>River's alarms, index by index, and NannyML's distances, thresholds and alerts.</summary>
public sealed class DriftGoldenTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("ADWIN_delta_0_002")]
    [InlineData("ADWIN_delta_0_05")]
    [InlineData("PageHinkley_defaults")]
    [InlineData("DDM")]
    [InlineData("EDDM")]
    [InlineData("HDDM_A")]
    [InlineData("HDDM_W")]
    public void Alarms_and_warnings_come_at_the_same_values_as_in_river(string name)
    {
        var golden = new GoldenFile("detectors");
        foreach (var expected in golden[$"results/{name}"].EnumerateObject())
        {
            var stream = expected.Name switch { "sine1" => DriftStreams.Sine1(), "elec2_no_change" => DriftStreams.ElectricityNoChange(), _ => DriftStreams.Taxi() };
            IDriftDetector detector = name switch
            {
                "ADWIN_delta_0_002" => new AdwinDetector(0.002),
                "ADWIN_delta_0_05" => new AdwinDetector(0.05),
                "PageHinkley_defaults" => new PageHinkleyDetector(),
                "DDM" => new DdmDetector(),
                "EDDM" => new EddmDetector(),
                "HDDM_A" => new HddmAverageDetector(),
                _ => new HddmWeightedDetector(),
            };
            var (drifts, warnings) = (new List<int>(), new List<int>());
            for (var i = 0; i < stream.Length; i++)
            {
                detector.Update(stream[i]);
                if (detector.InDrift)
                    drifts.Add(i);
                if (detector.InWarning)
                    warnings.Add(i);
            }

            output.WriteLine($"{name} {expected.Name}: {drifts.Count} alarms, {warnings.Count} warnings");
            Assert.Equal(Integers(expected.Value, "first_drifts"), drifts.Take(60));
            Assert.Equal(expected.Value.GetProperty("drifts").GetInt32(), drifts.Count);
            Assert.Equal(Integers(expected.Value, "first_warnings"), warnings.Take(20));
            Assert.Equal(expected.Value.GetProperty("warnings").GetInt32(), warnings.Count);
        }
    }

    [SkippableTheory]
    [InlineData("kolmogorov_smirnov", DriftStatisticKind.KolmogorovSmirnov)]
    [InlineData("jensen_shannon", DriftStatisticKind.JensenShannon)]
    [InlineData("wasserstein", DriftStatisticKind.Wasserstein)]
    [InlineData("hellinger", DriftStatisticKind.Hellinger)]
    public void Distances_thresholds_and_alerts_equal_those_of_nannyml(string name, DriftStatisticKind kind)
    {
        var golden = new GoldenFile("monitoring");
        var (reference, analysis) = (new CsvFile(SharedData.Require("nannyml/california_housing_reference.csv")), new CsvFile(SharedData.Require("nannyml/california_housing_analysis.csv")));
        foreach (var column in golden["drift"].EnumerateObject().Select(property => property.Name))
        {
            var (before, after) = (reference.Column(column), analysis.Column(column));
            var statistic = new DriftStatistic(kind, before);
            var chunking = new Chunking(1000, ChunkRemainder.Keep);
            var measures = chunking.Split(after.Length).Select(range => statistic.Measure(after.AsSpan()[range])).ToArray();
            var threshold = DriftThreshold.FromReference(statistic, before, chunking);
            var expected = golden.Numbers($"drift/{column}/{name}/value");
            Assert.Equal(expected.Length, measures.Length);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], measures[i].Value, 1e-9);
            Assert.Equal(golden.Number($"drift/{column}/{name}/upper"), threshold.Upper!.Value, 1e-9);
            Assert.Equal(golden[$"drift/{column}/{name}/alert"].EnumerateArray().Select(alert => alert.GetBoolean()), measures.Select(threshold.IsDrift));
        }
    }

    [SkippableFact]
    public void Delay_misses_and_false_alarms_on_sine1_are_those_of_the_documentation()
    {
        // The rule's error turns between 0.1 and 0.9: up at 20,000 and 60,000, down at 40,000 and 80,000.
        var stream = DriftStreams.Sine1();
        var table = DriftDetectors.Types.ToDictionary(type => type, type =>
        {
            var detector = DriftDetectors.Create(type);
            var delays = new int?[4];
            var falseAlarms = 0;
            for (var i = 0; i < stream.Length; i++)
            {
                detector.Update(stream[i]);
                if (!detector.InDrift)
                    continue;
                var change = (i / 20_000) - 1;
                if (change >= 0 && delays[change] is null && i % 20_000 < 1000)
                    delays[change] = i % 20_000;
                else
                    falseAlarms++;
            }

            return (Delays: delays, FalseAlarms: falseAlarms);
        });
        foreach (var (type, row) in table)
            output.WriteLine($"| {type} | {string.Join(" | ", row.Delays.Select(delay => delay?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"))} | {row.FalseAlarms} |");

        Check(PageHinkleyDetector.Name, [76, 72, 87, 78], 0);
        Check(AdwinDetector.Name, [63, 63, 63, 63], 0);
        Check(DdmDetector.Name, [161, null, 566, null], 1);
        Check(EddmDetector.Name, [45, null, null, null], 25);
        Check(HddmAverageDetector.Name, [30, null, 73, null], 0);
        Check(HddmWeightedDetector.Name, [31, null, 40, null], 0);
        Check(KswinDetector.Name, [37, 43, 55, 44], 0);

        void Check(string type, int?[] delays, int falseAlarms)
        {
            Assert.Equal(delays, table[type].Delays);
            Assert.Equal(falseAlarms, table[type].FalseAlarms);
        }
    }

    private static int[] Integers(JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(item => item.GetInt32())];
}
