using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Streams.Tests.Log;

/// <summary>The watermark against the definition: the highest offset below which nothing that was taken is still open.</summary>
public sealed class OffsetWatermarkTests
{
    [Fact]
    public void It_stands_where_nothing_taken_below_is_open_whatever_the_order_of_completion()
    {
        var step = from takes in Gen.Frequency((3, Gen.Constant(true)), (2, Gen.Constant(false)))
                   from number in Gen.Choose(0, 60)
                   select (Takes: takes, Number: number);
        Prop.ForAll(step.ArrayOf().ToArbitrary(), steps =>
        {
            var watermark = new OffsetWatermark();
            var open = new SortedSet<long>();
            long first = -1, last = -1;
            foreach (var (takes, number) in steps)
            {
                if (takes)
                {
                    // Offsets have gaps: compaction, markers of transactions.
                    last += 1 + (number % 4);
                    first = first < 0 ? last : first;
                    watermark.Take(last);
                    open.Add(last);
                }
                else
                {
                    var before = watermark.Next;
                    open.Remove(number);
                    Assert.Equal(watermark.Complete(number), watermark.Next != before);
                }

                var expected = last < 0 ? -1 : open.Count == 0 ? last + 1 : open.Min;
                Assert.Equal(open.Count, watermark.Open);
                // In a gap the position may stand at either end: nothing lies between.
                Assert.InRange(watermark.Next, Math.Min(expected, LastDoneBelow(expected)), expected);
            }

            long LastDoneBelow(long offset) => offset - 4;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void It_never_passes_a_record_that_is_still_on_its_way()
    {
        var watermark = new OffsetWatermark();
        foreach (var offset in (long[])[5, 6, 9])
            watermark.Take(offset);
        Assert.False(watermark.Complete(9));
        Assert.Equal(5, watermark.Next);
        Assert.True(watermark.Complete(5));
        Assert.Equal(6, watermark.Next);
        Assert.True(watermark.Complete(6));
        Assert.Equal(10, watermark.Next);
        Assert.Equal(0, watermark.Open);
    }

    [Fact]
    public void Completing_twice_or_what_was_never_taken_changes_nothing()
    {
        var watermark = new OffsetWatermark();
        Assert.False(watermark.Complete(3));
        Assert.Equal(-1, watermark.Next);
        watermark.Take(3);
        Assert.True(watermark.Complete(3));
        Assert.False(watermark.Complete(3));
        Assert.Equal(4, watermark.Next);
    }

    [Fact]
    public void An_offset_that_does_not_rise_is_refused()
    {
        var watermark = new OffsetWatermark();
        watermark.Take(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => watermark.Take(3));
    }
}
