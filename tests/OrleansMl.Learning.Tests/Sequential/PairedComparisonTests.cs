using Xunit.Abstractions;

namespace OrleansMl.Learning.Tests.Sequential;

public sealed class PairedComparisonTests(ITestOutputHelper output)
{
    private const double Alpha = 0.05;

    [Fact]
    public void A_candidate_that_is_better_on_average_and_worse_in_one_slice_is_told_apart()
    {
        var random = new Random(1);
        var comparison = new PairedComparison(SequentialTest.Asymptotic, Alpha, 300);
        for (var i = 0; i < 3000; i++)
        {
            var isRare = i % 10 == 0;
            comparison.Add((isRare ? -0.4 : 0.2) + random.NextDouble() - 0.5, isRare ? "segment=rare" : "segment=usual");
        }

        Assert.True(comparison.Lower > 0);
        Assert.Equal("segment=rare", comparison.FirstWorse);
        Assert.True(comparison.Slices.Single(s => s.Name == "segment=usual").IsBetter);
    }

    [Fact]
    public void A_slice_has_its_share_of_the_level_whatever_slices_there_are()
    {
        var comparison = new PairedComparison(SequentialTest.Asymptotic, Alpha, 300);
        var alone = new AsymptoticConfidenceSequence(Alpha / PairedComparison.MaxSlices, 300, BoundSides.One);
        var random = new Random(2);
        for (var i = 0; i < 100; i++)
        {
            var difference = random.NextDouble() - 0.3;
            comparison.Add(difference, "a=1");
            alone.Add(difference);
        }

        Assert.Equal((alone.Lower, alone.Upper), (comparison.Slices[0].Lower, comparison.Slices[0].Upper));
        Assert.True(comparison.Slices[0].Lower < comparison.Lower);
    }

    [Fact]
    public void Slices_past_the_bound_are_named_and_the_smallest_one_gives_way()
    {
        var comparison = new PairedComparison(SequentialTest.Asymptotic, Alpha, 300);
        for (var slice = 0; slice < PairedComparison.MaxSlices; slice++)
        {
            for (var row = 0; row < (slice == 5 ? 3 : PairedComparison.MinSliceCount); row++)
                comparison.Add(0.1, $"s={slice:D2}");
        }

        comparison.Add(0.1, "s=new");
        Assert.Equal(PairedComparison.MaxSlices, comparison.Slices.Length);
        Assert.Equal(["s=05"], comparison.Dropped.AsEnumerable());
        for (var row = 0; row < PairedComparison.MinSliceCount; row++)
            comparison.Add(0.1, "s=new");

        // Every place has been read by now: what comes is left out, and no level is spent twice.
        comparison.Add(0.1, "s=late");
        Assert.Equal(["s=05", "s=late"], comparison.Dropped.AsEnumerable());
        Assert.DoesNotContain(comparison.Slices, s => s.Name == "s=late");
    }

    [Theory]
    [InlineData(SequentialTest.Asymptotic)]
    [InlineData(SequentialTest.EmpiricalBernstein)]
    public void A_restored_comparison_goes_on_bit_for_bit(SequentialTest test)
    {
        var random = new Random(3);
        var comparison = new PairedComparison(test, 0.01, 200, 1);
        for (var i = 0; i < 500; i++)
            comparison.Add((random.NextDouble() * 2) - 1, $"s={random.Next(40)}", $"t={random.Next(2)}");
        var restored = PairedComparison.Restore(comparison.Save());
        for (var i = 0; i < 500; i++)
        {
            var (value, slice) = ((random.NextDouble() * 2) - 1, $"s={random.Next(40)}");
            comparison.Add(value, slice);
            restored.Add(value, slice);
        }

        Assert.Equal(comparison.Save(), restored.Save());
        Assert.Equal(comparison.Slices.AsEnumerable(), restored.Slices.AsEnumerable());
    }

    [Fact]
    public void What_was_stored_before_there_were_slices_goes_on()
    {
        var before = new AsymptoticConfidenceSequence(Alpha, 300, BoundSides.One);
        for (var i = 0; i < 50; i++)
            before.Add(i % 3 * 0.1);
        var comparison = PairedComparison.Restore(before.Save());
        Assert.Equal((before.Count, before.Lower, before.Upper, Alpha), (comparison.Count, comparison.Lower, comparison.Upper, comparison.Alpha));
        comparison.Add(0.1, "a=1");
        Assert.Equal(51, PairedComparison.Restore(comparison.Save()).Count);
    }

    /// <summary>
    /// A/A: candidate and champion are equally good, and everything is looked at after every row, as a trainer does. A promotion is
    /// false; a slice called worse is false. Each comes with probability α at most, so that the number of streams with one is
    /// binomial; the limit is α and two of its standard errors. With --all 1,000 streams of 3,000 looks, else 100 of 600.
    /// </summary>
    [Theory]
    [InlineData(SequentialTest.Asymptotic)]
    [InlineData(SequentialTest.EmpiricalBernstein)]
    public void Of_two_equal_models_few_are_promoted_or_held_back(SequentialTest test)
    {
        var all = Environment.GetEnvironmentVariable("OML_TEST_ALL") == "1";
        var (streams, looks) = all ? (1000, 3000) : (100, 600);
        const int MinOutcomes = 50;
        int promoted = 0, heldBack = 0, naive = 0;
        for (var stream = 0; stream < streams; stream++)
        {
            var random = new Random(stream);
            var comparison = new PairedComparison(test, Alpha, 500, 1);
            bool isPromoted = false, isHeldBack = false, isFooled = false;
            double sum = 0, squares = 0;
            for (var look = 1; look <= looks; look++)
            {
                // Mostly small differences and seldom large ones, as of log losses, with no mean.
                var size = Math.Pow(random.NextDouble(), 3);
                var difference = random.Next(2) == 0 ? size : -size;
                comparison.Add(difference, $"segment={random.Next(8)}", $"vip={random.Next(2)}");
                isPromoted |= look >= MinOutcomes && comparison.Lower > 0 && comparison.FirstWorse is null;
                isHeldBack |= comparison.FirstWorse is not null;
                sum += difference;
                squares += difference * difference;
                var error = Math.Sqrt(((squares / look) - (sum / look * (sum / look))) / look);
                isFooled |= look >= MinOutcomes && sum / look > 1.645 * error;
            }

            promoted += isPromoted ? 1 : 0;
            heldBack += isHeldBack ? 1 : 0;
            naive += isFooled ? 1 : 0;
        }

        output.WriteLine($"{test}, {streams} streams, {looks} looks: {promoted} promoted, {heldBack} held back, {naive} promoted by the test for one look");
        var limit = Alpha + (2 * Math.Sqrt(Alpha * (1 - Alpha) / streams));
        Assert.InRange(promoted / (double)streams, 0, limit);
        Assert.InRange(heldBack / (double)streams, 0, limit);

        // The streams can fool: a test for one look, looked at all the time, promotes every few of them.
        Assert.InRange(naive / (double)streams, 0.15, 1);
    }
}
