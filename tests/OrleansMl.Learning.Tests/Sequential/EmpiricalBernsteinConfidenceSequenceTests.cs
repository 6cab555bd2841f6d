namespace OrleansMl.Learning.Tests.Sequential;

public sealed class EmpiricalBernsteinConfidenceSequenceTests
{
    [Fact]
    public void The_bounds_are_those_of_an_independent_implementation()
    {
        // 1, 0, 1, 1 over and over.
        var sequence = new EmpiricalBernsteinConfidenceSequence(0.05, 0, 1);
        var expected = new Dictionary<long, (double Lower, double Upper)> { [100] = (0.425921, 1), [1000] = (0.675335, 0.824665), [10_000] = (0.728636, 0.771364) };
        for (var i = 0; i < 10_000; i++)
        {
            sequence.Add(i % 4 == 1 ? 0 : 1);
            if (!expected.TryGetValue(sequence.Count, out var bounds))
                continue;
            Assert.Equal(bounds.Lower, sequence.Lower, 1e-6);
            Assert.Equal(bounds.Upper, sequence.Upper, 1e-6);
        }

        Assert.Equal(0.75, sequence.Mean, 1e-12);
    }

    [Fact]
    public void Scale_and_reflection_carry_over()
    {
        var (plain, scaled) = (new EmpiricalBernsteinConfidenceSequence(0.05, 0, 1), new EmpiricalBernsteinConfidenceSequence(0.05, -2, 2));
        for (var i = 0; i < 500; i++)
        {
            plain.Add(i % 5 / 4.0);
            scaled.Add(2 - (4 * (i % 5 / 4.0)));
        }

        Assert.Equal(2 - (4 * plain.Lower), scaled.Upper, 1e-9);
        Assert.Equal(2 - (4 * plain.Upper), scaled.Lower, 1e-9);
    }

    [Theory]
    [InlineData(BoundSides.One)]
    [InlineData(BoundSides.Two)]
    public void Looking_after_every_value_of_two_equal_versions_is_fooled_at_most_alpha_often(BoundSides sides)
    {
        // Differences of right and wrong of two equal versions; both sequences see the same streams.
        const double Alpha = 0.05;
        var all = Environment.GetEnvironmentVariable("OML_TEST_ALL") == "1";
        var (streams, looks) = all ? (1000, 5000) : (200, 1000);
        int bernstein = 0, asymptotic = 0, naive = 0;
        for (var stream = 0; stream < streams; stream++)
        {
            var random = new Random(stream);
            var sure = new EmpiricalBernsteinConfidenceSequence(Alpha, -1, 1, sides);
            var limit = new AsymptoticConfidenceSequence(Alpha, targetCount: 500, sides);
            bool sureFooled = false, limitFooled = false, naiveFooled = false;
            for (var look = 0; look < looks; look++)
            {
                var difference = (random.NextDouble() < 0.8 ? 1 : 0) - (random.NextDouble() < 0.8 ? 1 : 0);
                sure.Add(difference);
                limit.Add(difference);
                sureFooled |= sure.Lower > 0 || (sides == BoundSides.Two && sure.Upper < 0);
                limitFooled |= limit.Lower > 0 || (sides == BoundSides.Two && limit.Upper < 0);
                naiveFooled |= limit.Count >= 30 && Math.Abs(limit.Mean) > 1.96 * Math.Sqrt(limit.Variance / limit.Count);
            }

            (bernstein, asymptotic, naive) = (bernstein + (sureFooled ? 1 : 0), asymptotic + (limitFooled ? 1 : 0), naive + (naiveFooled ? 1 : 0));
        }

        // The empirical Bernstein bound holds exactly; the asymptotic one within two standard errors of the count.
        Assert.InRange(bernstein / (double)streams, 0, Alpha);
        Assert.InRange(asymptotic / (double)streams, 0, all ? Alpha : Alpha + (2 * Math.Sqrt(Alpha * (1 - Alpha) / streams)));
        Assert.InRange(naive / (double)streams, 0.2, 1);
    }

    [Fact]
    public void A_real_difference_is_found_from_few_values_on()
    {
        var random = new Random(1);
        var sequence = new EmpiricalBernsteinConfidenceSequence(0.05, -1, 1, BoundSides.One);
        while (sequence.Count < 2000 && !(sequence.Lower > 0))
            sequence.Add(random.NextDouble() < 0.6 ? 1 : random.NextDouble() < 0.5 ? 0 : -1);
        Assert.InRange(sequence.Count, 10, 300);
    }

    [Fact]
    public void A_restored_sequence_goes_on_bit_for_bit()
    {
        var sequence = new EmpiricalBernsteinConfidenceSequence(0.01, 0, 3, BoundSides.One);
        Assert.Equal((0.0, 3.0), (sequence.Lower, sequence.Upper));
        for (var i = 0; i < 50; i++)
            sequence.Add(i % 4);
        var restored = EmpiricalBernsteinConfidenceSequence.Restore(sequence.Save());
        sequence.Add(2.5);
        restored.Add(2.5);
        Assert.Equal(sequence.Save(), restored.Save());
        Assert.Equal((sequence.Lower, sequence.Upper), (restored.Lower, restored.Upper));
        Assert.Throws<LearnerException>(() => EmpiricalBernsteinConfidenceSequence.Restore(new NoChangeBaseline().Save()));
    }

    [Fact]
    public void Values_and_options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmpiricalBernsteinConfidenceSequence(0.6, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmpiricalBernsteinConfidenceSequence(0.05, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmpiricalBernsteinConfidenceSequence(0.05, 0, double.PositiveInfinity));
        var sequence = new EmpiricalBernsteinConfidenceSequence(0.05, 0, 1);
        foreach (var value in new[] { -0.1, 1.1, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => sequence.Add(value));
        Assert.Equal(0, sequence.Count);
    }
}
