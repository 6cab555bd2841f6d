using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Drift;

/// <summary>Counts by bins against the rows themselves.</summary>
public sealed class BinnedDriftStatisticTests
{
    [Theory]
    [InlineData(DriftStatisticKind.Psi, 0)]
    [InlineData(DriftStatisticKind.ChiSquare, 0)]
    [InlineData(DriftStatisticKind.JensenShannon, 0)]
    [InlineData(DriftStatisticKind.Hellinger, 0)]
    [InlineData(DriftStatisticKind.KolmogorovSmirnov, 0.01)]
    [InlineData(DriftStatisticKind.Wasserstein, 0.05)]
    public void A_chunk_by_bins_measures_what_its_rows_do(DriftStatisticKind kind, double tolerance)
    {
        Prop.ForAll(Gen.Choose(0, 100_000).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (shift, scale, isDiscrete) = (random.NextDouble() - 0.5, 0.5 + random.NextDouble(), random.Next(3) == 0);
            double Draw(double by) => isDiscrete ? Math.Floor(6 * random.NextDouble()) + Math.Round(by) : Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) + by;
            double[] reference = [.. Enumerable.Range(0, 500 + random.Next(1500)).Select(_ => Draw(0))];
            double[] chunk = [.. Enumerable.Range(0, 50 + random.Next(500)).Select(_ => scale * Draw(2 * shift))];
            var exact = new DriftStatistic(kind, reference).Measure(chunk);
            var binned = new BinnedDriftStatistic(kind, reference);
            for (var i = 0; i < chunk.Length; i++)
            {
                binned.Add(chunk[i]);
                if (i == chunk.Length / 2)
                    binned = Again(binned);
            }

            var measure = binned.Measure();

            // Of few distinct values, one that the reference does not know has no place among the bins.
            if (isDiscrete && tolerance > 0)
                return double.IsFinite(measure.Value);

            // Between two bounds of bins the reference's distribution rises by its rows of one bin, a hundredth of all and what does not divide by it.
            var rest = kind == DriftStatisticKind.KolmogorovSmirnov ? 1.0 / reference.Length : 0;
            return Math.Abs(measure.Value - exact.Value) <= tolerance + rest + 1e-9 && (tolerance > 0 || measure.PValue == exact.PValue);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Fact]
    public void The_next_chunk_begins_empty_and_values_that_are_none_are_refused()
    {
        var statistic = new BinnedDriftStatistic(DriftStatisticKind.Wasserstein, [1, 2, 3, 4]);
        statistic.Add(9);
        Assert.Equal(new DriftMeasure(6.5), statistic.Measure());
        statistic.Clear();
        Assert.Equal(0, statistic.Count);
        Assert.Throws<InvalidOperationException>(() => statistic.Measure());
        Assert.Throws<ArgumentOutOfRangeException>(() => statistic.Add(double.NaN));
        Assert.Throws<ArgumentException>(() => new BinnedDriftStatistic(DriftStatisticKind.Psi, [1]));
        Assert.Throws<ArgumentException>(() => new BinnedDriftStatistic(DriftStatisticKind.Psi, [1, double.PositiveInfinity]));
    }

    [Fact]
    public void Histograms_have_a_bin_for_what_the_reference_does_not_know()
    {
        var statistic = new BinnedDriftStatistic(DriftStatisticKind.Psi, [.. Enumerable.Range(0, 100).Select(i => (double)(i % 2))]);
        statistic.Add(1);
        statistic.Add(7);
        Assert.True(statistic.Chunk.IsDiscrete);
        Assert.Equal([0.0, 1.0], statistic.Chunk.Edges.ToArray());
        Assert.Equal([0, 1, 1], statistic.Chunk.Counts.ToArray());
        Assert.Equal([50, 50, 0], statistic.Reference.Counts.ToArray());
    }

    [Fact]
    public void Holm_steps_down_and_lies_between_bonferroni_and_no_correction()
    {
        // By hand: 0.005·4, 0.01·3, 0.03·2, max(0.06, 0.04·1).
        Assert.Equal([0.03, 0.06, 0.06, 0.02], MultipleTesting.Holm([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Empty(MultipleTesting.Holm([]));
        Assert.Throws<ArgumentException>(() => MultipleTesting.Holm([1.5]));
        Prop.ForAll(Gen.Choose(0, 1_000_000).ListOf().ToArbitrary(), given =>
        {
            double[] p = [.. given.Select(value => value / 1e6)];
            var (holm, bonferroni) = (MultipleTesting.Adjust(DriftCorrection.Holm, p), MultipleTesting.Adjust(DriftCorrection.Bonferroni, p));
            return Enumerable.Range(0, p.Length).All(i => holm[i] >= p[i] && holm[i] <= bonferroni[i]) && MultipleTesting.Adjust(DriftCorrection.None, p).SequenceEqual(p);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Detectors_that_share_a_level_are_stricter_each_and_others_are_refused()
    {
        foreach (var kind in DriftDetectors.Kinds)
        {
            if (!kind.HasLevel)
                Assert.Contains("no probability of false alarms", Assert.Throws<LearnerException>(() => kind.Create(tests: 2)).Message, StringComparison.Ordinal);
            else
                Assert.NotEqual(Convert.ToHexString(kind.Create().Save()), Convert.ToHexString(kind.Create(tests: 2).Save()));
        }

        Assert.Equal(0.001, ((AdwinDetector)DriftDetectors.Find("adwin")!.Create(tests: 2)).Delta);
    }

    [Theory]
    [InlineData("adwin")]
    [InlineData("page_hinkley")]
    [InlineData("ddm")]
    [InlineData("eddm")]
    [InlineData("hddm_a")]
    [InlineData("hddm_w")]
    [InlineData("kswin")]
    public void An_alarm_shows_what_was_compared(string type)
    {
        var detector = DriftDetectors.Create(type);
        var random = new Random(1);
        var alarms = 0;
        for (var i = 0; i < 6_000; i++)
        {
            detector.Update(random.NextDouble() < (i < 3_000 ? 0.1 : 0.9) ? 1 : 0);
            if (!detector.InDrift)
                continue;
            alarms++;
            var (value, limit) = (detector.Reading.Value, detector.Reading.Limit);
            Assert.True(type == "eddm" ? value < limit : value >= limit, $"{type}: {value} against {limit}");
        }

        Assert.True(alarms > 0);
    }

    private static BinnedDriftStatistic Again(BinnedDriftStatistic statistic)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        statistic.Write(writer);
        writer.Flush();
        stream.Position = 0;
        using var reader = new BinaryReader(stream);
        return BinnedDriftStatistic.Read(reader);
    }
}
