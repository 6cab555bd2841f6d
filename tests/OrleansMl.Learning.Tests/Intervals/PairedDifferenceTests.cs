namespace OrleansMl.Learning.Tests;

/// <summary>The paired interval of a fixed sample.</summary>
public sealed class PairedDifferenceTests
{
    [Fact]
    public void The_interval_is_Students()
    {
        // Student's own table: additional hours of sleep by two drugs on ten patients; t = 4.0621, 9 degrees of freedom (R: t.test, paired).
        double[] first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        double[] second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        var interval = PairedDifference.Interval([.. second.Zip(first, (a, b) => a - b)]);
        Assert.Equal(1.58, interval.Estimate, 1e-12);
        Assert.Equal(0.7001142, interval.Lower, 1e-6);
        Assert.Equal(2.4598858, interval.Upper, 1e-6);
    }

    [Fact]
    public void It_covers_the_truth_as_often_as_it_says()
    {
        var random = new Random(4);
        var covered = 0;
        for (var run = 0; run < 2000; run++)
        {
            var differences = new double[12];
            for (var i = 0; i < differences.Length; i++)
                differences[i] = 0.3 + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            covered += PairedDifference.Interval(differences, 0.9).Contains(0.3) ? 1 : 0;
        }

        // 0.9 with a standard deviation of 0.0067.
        Assert.InRange(covered / 2000.0, 0.88, 0.92);
    }

    [Fact]
    public void Without_a_spread_it_is_the_mean_and_one_row_is_too_few()
    {
        Assert.Equal((0.5, 0.5, 0.5), PairedDifference.Interval([0.5, 0.5, 0.5]) is var one ? (one.Estimate, one.Lower, one.Upper) : default);
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedDifference.Interval([1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedDifference.Interval([1, 2], 1));
    }
}
