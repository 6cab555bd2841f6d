namespace OrleansMl.Learning.Tests.Sequential;

public sealed class AsymptoticConfidenceSequenceTests
{
    private const int Streams = 300;
    private const int Looks = 1000;

    [Fact]
    public void The_bounds_are_those_of_the_formula()
    {
        // By hand for n = 100 values of mean 0.5 and σ 0.5, α = 0.05, tightest at 100: ρ² = (−2 ln 0.05 + ln(−2 ln 0.05 + 1))/100.
        var sequence = new AsymptoticConfidenceSequence(0.05, targetCount: 100);
        for (var i = 0; i < 100; i++)
            sequence.Add(i % 2);
        const double RhoSquared = (5.991464547107982 + 1.9446898842) / 100;
        const double Spread = (100 * RhoSquared) + 1;
        var half = 0.5 * Math.Sqrt(2 * Spread / (100 * 100 * RhoSquared) * Math.Log(Math.Sqrt(Spread) / 0.05));
        Assert.Equal(0.5, sequence.Mean, 1e-12);
        Assert.Equal(0.25, sequence.Variance, 1e-12);
        Assert.Equal(0.5 - half, sequence.Lower, 1e-8);
        Assert.Equal(0.5 + half, sequence.Upper, 1e-8);
    }

    [Theory]
    [InlineData(BoundSides.Two)]
    [InlineData(BoundSides.One)]
    public void It_is_tightest_near_its_target(BoundSides sides)
    {
        static double Width(long target, BoundSides sides)
        {
            var sequence = new AsymptoticConfidenceSequence(0.05, target, sides);
            for (var i = 0; i < 1000; i++)
                sequence.Add(i % 2);
            return sequence.HalfWidth;
        }

        Assert.True(Width(1000, sides) < Width(200, sides));
        Assert.True(Width(1000, sides) < Width(5000, sides));
        Assert.True(Width(1000, BoundSides.One) < Width(1000, BoundSides.Two));
    }

    [Theory]
    [InlineData(BoundSides.Two)]
    [InlineData(BoundSides.One)]
    public void Looking_after_every_value_of_no_difference_is_fooled_at_most_alpha_often(BoundSides sides)
    {
        const double Alpha = 0.05;
        int fooled = 0, naive = 0;
        for (var stream = 0; stream < Streams; stream++)
        {
            var random = new Random(stream);
            var sequence = new AsymptoticConfidenceSequence(Alpha, targetCount: 500, sides);
            bool excluded = false, rejected = false;
            for (var look = 0; look < Looks; look++)
            {
                // A difference of losses: skewed towards large values on both sides.
                var size = -Math.Log(1 - random.NextDouble());
                sequence.Add(random.Next(2) == 0 ? size : -size);
                excluded |= sequence.Lower > 0 || (sides == BoundSides.Two && sequence.Upper < 0);
                rejected |= sequence.Count >= 30 && Math.Abs(sequence.Mean) > 1.96 * Math.Sqrt(sequence.Variance / sequence.Count);
            }

            fooled += excluded ? 1 : 0;
            naive += rejected ? 1 : 0;
        }

        // Two standard errors of a binomial above α; the fixed-size test shows that the streams can fool.
        Assert.InRange(fooled / (double)Streams, 0, Alpha + (2 * Math.Sqrt(Alpha * (1 - Alpha) / Streams)));
        Assert.InRange(naive / (double)Streams, 0.2, 1);
    }

    [Fact]
    public void A_real_difference_is_found()
    {
        var random = new Random(1);
        var sequence = new AsymptoticConfidenceSequence(0.05, targetCount: 500, BoundSides.One);
        while (sequence.Count < 2000 && !(sequence.Lower > 0))
            sequence.Add(random.NextDouble() - 0.4);
        Assert.InRange(sequence.Count, 30, 600);
    }

    [Fact]
    public void Few_values_bound_nothing()
    {
        var sequence = new AsymptoticConfidenceSequence(0.05);
        for (var i = 0; i < AsymptoticConfidenceSequence.DefaultMinimumCount - 1; i++)
            sequence.Add(1);
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), (sequence.Lower, sequence.Upper));
        sequence.Add(1);
        Assert.Equal((1.0, 1.0), (sequence.Lower, sequence.Upper));
    }

    [Fact]
    public void A_restored_sequence_goes_on_bit_for_bit()
    {
        var random = new Random(2);
        var sequence = new AsymptoticConfidenceSequence(0.01, 700, BoundSides.One, 50);
        for (var i = 0; i < 77; i++)
            sequence.Add(random.NextDouble());
        var restored = AsymptoticConfidenceSequence.Restore(sequence.Save());
        for (var i = 0; i < 77; i++)
        {
            var value = random.NextDouble();
            sequence.Add(value);
            restored.Add(value);
        }

        Assert.Equal(sequence.Save(), restored.Save());
        Assert.Equal((sequence.Lower, sequence.Upper), (restored.Lower, restored.Upper));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(0.5, 100)]
    [InlineData(double.NaN, 100)]
    [InlineData(0.05, 0)]
    public void Options_out_of_range_are_refused(double alpha, long target)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new AsymptoticConfidenceSequence(alpha, target));
}
