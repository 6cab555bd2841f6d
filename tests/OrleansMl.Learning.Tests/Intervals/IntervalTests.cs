namespace OrleansMl.Learning.Tests.Intervals;

public sealed class IntervalTests
{
    [Fact]
    public void Wilson_gives_the_textbook_bounds()
    {
        // 81 of 263 at 95 %: Newcombe 1998, table I, method 3.
        var interval = Wilson.Interval(81, 263);
        Assert.Equal((0.2553, 0.3662), (Math.Round(interval.Lower, 4), Math.Round(interval.Upper, 4)));
        var none = Wilson.Interval(0, 20);
        Assert.Equal((0, 0.1611), (none.Lower, Math.Round(none.Upper, 4)));
        Assert.Equal(1 - none.Upper, Wilson.Interval(20, 20).Lower, 1e-12);
        Assert.Equal(1, Wilson.Interval(20, 20).Upper);
    }

    [Fact]
    public void Wilson_covers_the_rate_about_as_often_as_it_says()
    {
        // By the binomial's probabilities, no drawing.
        foreach (var (n, rate) in new[] { (20, 0.1), (50, 0.5), (200, 0.03) })
        {
            var covered = Enumerable.Range(0, n + 1).Where(k => Wilson.Interval(k, n, 0.95).Contains(rate)).Sum(k => MathNet.Numerics.Distributions.Binomial.PMF(rate, n, k));
            Assert.InRange(covered, 0.92, 0.985);
        }
    }

    [Fact]
    public void DeLong_agrees_with_the_variance_over_pairs()
    {
        // Components by hand: each positive's share of negatives below it, each negative's share of positives above it.
        double[] scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.9], labels = [0, 0, 1, 1, 1, 0];
        double[] positives = [1 / 3.0, 2 / 3.0, 1.5 / 3], negatives = [1, 1.5 / 3, 0];
        static double OfMean(double[] values) => values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1) / values.Length;
        var reach = 1.959963984540054 * Math.Sqrt(OfMean(positives) + OfMean(negatives));
        var interval = DeLong.Interval(scores, labels);
        Assert.Equal(0.5, interval.Estimate, 1e-12);
        Assert.Equal(Math.Max(0, 0.5 - reach), interval.Lower, 1e-9);
        Assert.Equal(Math.Min(1, 0.5 + reach), interval.Upper, 1e-9);
    }

    [Fact]
    public void Paired_scores_are_told_apart_where_their_intervals_overlap()
    {
        var random = new Random(11);
        var labels = Enumerable.Range(0, 600).Select(_ => (double)random.Next(2)).ToArray();
        var good = labels.Select(label => label + (3 * random.NextDouble())).ToArray();
        var worse = good.Select(score => score + (1.5 * random.NextDouble())).ToArray();
        var (first, second) = (DeLong.Interval(good, labels), DeLong.Interval(worse, labels));
        Assert.True(second.Upper > first.Lower);
        var comparison = DeLong.Compare(good, worse, labels);
        Assert.True(comparison.Difference.Lower > 0);
        Assert.InRange(comparison.PValue, 0, 0.05);
        Assert.Equal(first.Estimate - second.Estimate, comparison.Difference.Estimate, 1e-12);
    }

    [Fact]
    public void Both_intervals_of_the_area_cover_the_truth_about_as_often_as_they_say()
    {
        // Normal scores one unit apart: AUC = Φ(1/√2).
        var truth = MathNet.Numerics.Distributions.Normal.CDF(0, 1, 1 / Math.Sqrt(2));
        int deLong = 0, bootstrap = 0;
        const int Repetitions = 200;
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            var random = new Random(repetition);
            var labels = Enumerable.Range(0, 120).Select(i => i % 2.0).ToArray();
            var scores = labels.Select(label => label + MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1)).ToArray();
            deLong += DeLong.Interval(scores, labels).Contains(truth) ? 1 : 0;
            var resampled = Bootstrap.Interval(labels.Length, rows => RocAuc.Compute(Pick(scores, rows), Pick(labels, rows)), seed: repetition, replicates: 100);
            bootstrap += resampled.Contains(truth) ? 1 : 0;
        }

        Assert.InRange(deLong / (double)Repetitions, 0.9, 0.99);
        Assert.InRange(bootstrap / (double)Repetitions, 0.88, 0.99);
    }

    [Fact]
    public void Blocks_widen_the_interval_of_dependent_rows_and_a_seed_repeats_it()
    {
        var random = new Random(3);
        var losses = new double[400];
        for (var i = 1; i < losses.Length; i++)
            losses[i] = (0.9 * losses[i - 1]) + random.NextDouble() - 0.5;
        ConfidenceInterval Of(int block) => Bootstrap.Interval(losses.Length, rows => Pick(losses, rows).Average(), seed: 5, blockLength: block);
        Assert.Equal(Of(20), Of(20));
        Assert.True(Of(20).Upper - Of(20).Lower > 1.5 * (Of(1).Upper - Of(1).Lower));
    }

    [Fact]
    public void Bad_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Interval(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Interval(1, 2, level: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Interval(5, _ => 0, 1, blockLength: 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Interval(5, _ => 0, 1, level: double.NaN));
        Assert.Contains("resamples", Assert.Throws<ArgumentException>(() => Bootstrap.Interval(5, _ => double.NaN, 1)).Message, StringComparison.Ordinal);
    }

    private static double[] Pick(double[] values, ReadOnlyMemory<int> rows)
    {
        var picked = new double[rows.Length];
        for (var i = 0; i < picked.Length; i++)
            picked[i] = values[rows.Span[i]];
        return picked;
    }
}
