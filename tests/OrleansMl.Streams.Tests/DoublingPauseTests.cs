using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Streams.Tests;

/// <summary>Pauses between tries, against the definition.</summary>
public sealed class DoublingPauseTests
{
    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 200)]
    [InlineData(3, 400)]
    [InlineData(6, 3200)]
    [InlineData(7, 5000)]
    [InlineData(1_000_000, 5000)]
    public void A_pause_is_twice_the_one_before_it_up_to_the_longest(int failures, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), new DoublingPause(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5)).After(failures));

    [Fact]
    public void Whatever_the_bounds_a_pause_doubles_until_it_would_be_longer_than_the_longest()
    {
        var drawn = from first in Gen.Choose(1, int.MaxValue)
                    from longest in Gen.Choose(1, int.MaxValue)
                    from scale in Gen.Elements(1L, 1L << 20, 1L << 31)
                    select (First: TimeSpan.FromTicks(first), Longest: TimeSpan.FromTicks(longest * scale));
        Prop.ForAll(drawn.ToArbitrary(), bounds =>
        {
            var pauses = new DoublingPause(bounds.First, bounds.Longest);
            var expected = (decimal)bounds.First.Ticks;
            for (var failures = 1; failures <= 100; failures++)
            {
                Assert.Equal(Math.Min(expected, bounds.Longest.Ticks), pauses.After(failures).Ticks);
                expected = Math.Min(2 * expected, long.MaxValue);
            }
        }).QuickCheckThrowOnFailure();
    }
}
