namespace OrleansMl.Learning.Tests.Drift;

public sealed class DriftStatisticTests
{
    [Fact]
    public void Psi_is_the_sum_over_the_bins_of_the_reference()
    {
        // 100 values of each of 4 categories; the chunk has shares 0.4, 0.3, 0.2, 0.1.
        var reference = Enumerable.Range(0, 400).Select(i => (double)(i % 4)).ToArray();
        double[] chunk = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3];
        var expected = new[] { 0.4, 0.3, 0.2, 0.1 }.Sum(share => (share - 0.25) * Math.Log(share / 0.25));
        Assert.Equal(expected, new DriftStatistic(DriftStatisticKind.Psi, reference).Measure(chunk).Value, 1e-12);
    }

    [Fact]
    public void Chi_square_equals_the_two_by_two_formula()
    {
        // a = 60, b = 40 against c = 30, d = 70: n(ad − bc)²/((a + b)(c + d)(a + c)(b + d)) = 18.18.., p = 2.0e-5.
        double[] reference = [.. Enumerable.Repeat(0.0, 60), .. Enumerable.Repeat(1.0, 40)], chunk = [.. Enumerable.Repeat(0.0, 30), .. Enumerable.Repeat(1.0, 70)];
        var measure = new DriftStatistic(DriftStatisticKind.ChiSquare, reference).Measure(chunk);
        Assert.Equal(200 * Math.Pow((60 * 70) - (40 * 30), 2) / (100.0 * 100 * 90 * 110), measure.Value, 1e-9);
        Assert.Equal(2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, -Math.Sqrt(measure.Value)), measure.PValue!.Value, 1e-9);
    }

    [Fact]
    public void The_kolmogorov_p_value_is_the_tabled_one()
    {
        // The asymptotic 5 % point of λ is 1.3581: D = 1.3581/sqrt(n/2) of two samples of n.
        const int N = 2000;
        var reference = Enumerable.Range(0, N).Select(i => (double)i).ToArray();
        var shift = (int)Math.Round(1.3581 / Math.Sqrt(N / 2.0) * N);
        var measure = new DriftStatistic(DriftStatisticKind.KolmogorovSmirnov, reference).Measure([.. reference.Select(value => value + shift)]);
        Assert.Equal((double)shift / N, measure.Value, 1e-12);
        Assert.Equal(0.05, measure.PValue!.Value, 0.001);
    }

    [Theory]
    [InlineData(DriftStatisticKind.Psi)]
    [InlineData(DriftStatisticKind.ChiSquare)]
    [InlineData(DriftStatisticKind.JensenShannon)]
    [InlineData(DriftStatisticKind.Hellinger)]
    [InlineData(DriftStatisticKind.Wasserstein)]
    [InlineData(DriftStatisticKind.KolmogorovSmirnov)]
    public void The_reference_itself_is_no_drift_and_values_out_of_its_range_are(DriftStatisticKind kind)
    {
        var random = new Random(2);
        var reference = Enumerable.Range(0, 1000).Select(_ => random.NextDouble()).ToArray();
        var statistic = new DriftStatistic(kind, reference);
        Assert.Equal(0, statistic.Measure(reference).Value, 1e-7);
        var far = statistic.Measure([.. reference.Select(value => value + 2)]);
        Assert.True(far.Value > 0.9);
        Assert.True(far.PValue is null or < 1e-9);
        Assert.Throws<ArgumentException>(() => statistic.Measure([]));
        Assert.Throws<ArgumentException>(() => statistic.Measure([double.NaN]));
        Assert.Throws<ArgumentException>(() => new DriftStatistic(kind, [1]));
        Assert.True(double.IsFinite(new DriftStatistic(kind, [3, 3, 3]).Measure([3, 4]).Value));
    }

    [Fact]
    public void The_p_values_of_one_population_are_below_the_level_about_as_often_as_it_says()
    {
        foreach (var kind in new[] { DriftStatisticKind.KolmogorovSmirnov, DriftStatisticKind.ChiSquare })
        {
            var alarms = 0;
            for (var seed = 0; seed < 400; seed++)
            {
                var random = new Random(seed);
                double[] Draw(int n) => [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())];
                alarms += DriftThreshold.PValue(0.05).IsDrift(new DriftStatistic(kind, Draw(500)).Measure(Draw(300))) ? 1 : 0;
            }

            Assert.InRange(alarms / 400.0, 0.02, 0.09);
        }
    }

    [Fact]
    public void Chunks_follow_the_rule_for_what_is_left_over()
    {
        Assert.Equal([0..3, 3..6], new Chunking(3).Split(8).AsEnumerable());
        Assert.Equal([0..3, 3..6, 6..8], new Chunking(3, ChunkRemainder.Keep).Split(8).AsEnumerable());
        Assert.Equal([0..3, 3..8], new Chunking(3, ChunkRemainder.Append).Split(8).AsEnumerable());
        Assert.Empty(new Chunking(3).Split(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Chunking(0));
    }

    [Fact]
    public void A_threshold_must_fit_the_statistic()
    {
        var statistic = new DriftStatistic(DriftStatisticKind.Psi, [1, 2, 3]);
        Assert.Contains("no p-value", Assert.Throws<ArgumentException>(() => new ChunkDriftDetector(statistic, DriftThreshold.PValue(0.05), 10)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ChunkDriftDetector(statistic, default, 10));
        Assert.Contains("at least 2", Assert.Throws<ArgumentException>(() => DriftThreshold.FromReference(statistic, [1, 2, 3], new Chunking(3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Corrections_give_the_textbook_adjusted_values()
    {
        double[] p = [0.01, 0.04, 0.03, 0.005];
        Assert.Equal([0.04, 0.16, 0.12, 0.02], MultipleTesting.Bonferroni(p).Select(value => Math.Round(value, 12)));
        Assert.Equal([0.02, 0.04, 0.04, 0.02], MultipleTesting.BenjaminiHochberg(p).Select(value => Math.Round(value, 12)));
        Assert.Empty(MultipleTesting.BenjaminiHochberg([]));
        Assert.Throws<ArgumentException>(() => MultipleTesting.Bonferroni([double.NaN]));
    }
}
