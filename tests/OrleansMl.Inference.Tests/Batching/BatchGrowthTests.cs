namespace OrleansMl.Inference.Tests.Batching;

/// <summary>How far batches are filled.</summary>
public sealed class BatchGrowthTests
{
    private static readonly BatchKey s_key = BatchKey.Of([BatcherScenario.Rows(1)]);

    [Fact]
    public void Batches_are_filled_until_something_is_known()
    {
        var growth = new BatchGrowth();
        Assert.Equal(16, growth.Limit(s_key, 16));
        Learn(growth, [(2, 1.0)], times: 100);
        Assert.Equal(16, growth.Limit(s_key, 16));
        Assert.Equal(1, growth.Limit(s_key, 1));
    }

    [Fact]
    public void Where_a_run_costs_the_same_for_any_size_batches_are_filled()
    {
        var growth = new BatchGrowth();
        Learn(growth, [(1, 10), (2, 5), (4, 2.5), (8, 1.3), (16, 0.7)]);
        Assert.Equal([1, 3, 8, 16], new[] { 1, 3, 8, 16 }.Select(rows => growth.Limit(s_key, rows)));
    }

    [Fact]
    public void Where_small_batches_are_faster_they_are_not_filled_further()
    {
        var growth = new BatchGrowth();
        Learn(growth, [(1, 6.0), (2, 5.9), (3, 6.6), (4, 6.6), (8, 7.4), (16, 6.8)]);
        Assert.Equal([1, 2, 2, 2, 2], new[] { 1, 2, 4, 8, 16 }.Select(rows => growth.Limit(s_key, rows)));
    }

    [Fact]
    public void A_gain_within_the_noise_does_not_make_batches_smaller()
    {
        var growth = new BatchGrowth();
        Learn(growth, [(2, 5.8), (16, 6.0)]);
        Assert.Equal(16, growth.Limit(s_key, 16));
    }

    [Fact]
    public void What_was_learned_is_tried_again_and_forgotten_when_it_is_not_so_any_more()
    {
        var growth = new BatchGrowth();
        Learn(growth, [(2, 5.0), (16, 8.0)]);
        var tried = Enumerable.Range(0, 1000).Count(_ => growth.Limit(s_key, 16) == 16);
        Assert.InRange(tried, 10, 20);
        Learn(growth, [(16, 3.0)]);
        Assert.Equal(16, growth.Limit(s_key, 16));
    }

    [Fact]
    public void Once_full_batches_are_judged_each_smaller_size_is_looked_at_until_it_is_too()
    {
        var growth = new BatchGrowth();
        var sizes = new List<int>();
        for (var i = 0; i < 400; i++)
        {
            var rows = growth.Limit(s_key, 16);
            sizes.Add(rows);

            // Two rows together are fastest, and nothing but looking would ever show it.
            growth.Ran(s_key, rows, TimeSpan.FromMilliseconds(rows * (rows == 2 ? 5.0 : 8.0)));
        }

        Assert.All(sizes[..3], rows => Assert.Equal(16, rows));
        Assert.All(new[] { 1, 2, 4, 8 }, rows => Assert.True(sizes.Count(r => r == rows) >= 3, $"{rows}: {string.Join(' ', sizes)}"));
        Assert.True(sizes[200..].Count(rows => rows == 2) > 180, string.Join(' ', sizes));
    }

    [Fact]
    public void No_size_is_looked_at_that_the_first_request_fills_alone()
    {
        var growth = new BatchGrowth();
        var sizes = new List<int>();
        for (var i = 0; i < 2000; i++)
        {
            var rows = Math.Max(3, growth.Limit(s_key, 16, least: 3));
            sizes.Add(rows);
            growth.Ran(s_key, rows, TimeSpan.FromMilliseconds(rows * 8.0));
        }

        // Else every fourth batch would be one request, for ever: batches of one row and of two never run.
        Assert.All(sizes, rows => Assert.True(rows >= 4, string.Join(' ', sizes)));
        Assert.True(sizes[200..].Count(rows => rows == 16) > 1700, string.Join(' ', sizes));
    }

    [Fact]
    public void Shapes_are_learned_apart_and_only_so_many_are_kept()
    {
        var growth = new BatchGrowth();
        Learn(growth, [(2, 5.0), (16, 8.0)]);
        Assert.Equal(2, growth.Limit(s_key, 16));
        for (var width = 2; width < 100; width++)
        {
            var other = BatchKey.Of([BatcherScenario.Wide([.. Enumerable.Range(0, width).Select(i => (long)i)])]);
            Learn(growth, [(2, 5.0), (16, 8.0)], key: other);
            Assert.Equal(width <= 16 ? 2 : 16, growth.Limit(other, 16));
        }
    }

    private static void Learn(BatchGrowth growth, (int Rows, double PerRow)[] runs, int times = 50, BatchKey? key = null)
    {
        for (var i = 0; i < times; i++)
        {
            foreach (var (rows, perRow) in runs)
                growth.Ran(key ?? s_key, rows, TimeSpan.FromMilliseconds(rows * perRow));
        }
    }
}
