using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Splits;

public sealed class SplitterTests
{
    [Fact]
    public void Every_row_is_tested_once_and_never_learned_from_in_that_fold()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(17, 33), Prop.ForAll(
            (from rows in Gen.Choose(10, 80) from folds in Gen.Choose(2, 10) from seed in Gen.Elements<long?>(null, 1, 2) select (rows, folds, seed)).ToArbitrary(),
            drawn =>
            {
                var labels = Enumerable.Range(0, drawn.rows).Select(row => row * row % 3).ToArray();
                foreach (var splits in new[] { Splitter.KFold(drawn.rows, drawn.folds, drawn.seed), Splitter.StratifiedKFold(labels, drawn.folds, drawn.seed) })
                {
                    Assert.Equal(Enumerable.Range(0, drawn.rows), splits.SelectMany(split => split.Test).Order());
                    foreach (var split in splits)
                    {
                        Assert.Equal(Enumerable.Range(0, drawn.rows), split.Train.Concat(split.Test).Order());
                        Assert.InRange(split.Test.Length, drawn.rows / drawn.folds, (drawn.rows / drawn.folds) + 1);
                    }
                }

                var shares = Splitter.StratifiedKFold(labels, drawn.folds, drawn.seed).Select(split => split.Test.Count(row => labels[row] == 1)).ToArray();
                Assert.InRange(shares.Max() - shares.Min(), 0, 1);
            }));

    [Fact]
    public void A_test_part_in_time_follows_its_training_rows_after_the_gap()
    {
        var splits = Splitter.TimeSeries(20, folds: 3, testRows: 4, gap: 2);
        Assert.Equal([(0, 5, 8, 11), (0, 9, 12, 15), (0, 13, 16, 19)], splits.Select(split => (split.Train[0], split.Train[^1], split.Test[0], split.Test[^1])));
        Assert.Equal([(3, 5), (7, 9), (11, 13)], Splitter.TimeSeries(20, 3, 4, 2, maxTrain: 3).Select(split => (split.Train[0], split.Train[^1])));
        Assert.Equal(5, Splitter.TimeSeries(20, 3)[0].Train.Length);
        Assert.Contains("at least 15", Assert.Throws<ArgumentException>(() => Splitter.TimeSeries(14, 3, 4, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hold_out_takes_the_newest_rows_or_by_a_seed_a_random_share()
    {
        var newest = Splitter.HoldOut(10, 0.3);
        Assert.Equal([7, 8, 9], newest.Test.AsEnumerable());
        var random = Splitter.HoldOut(100, 0.3, seed: 4);
        Assert.Equal(random.Test.AsEnumerable(), Splitter.HoldOut(100, 0.3, seed: 4).Test);
        Assert.NotEqual(Enumerable.Range(70, 30), random.Test);
        Assert.Equal(Enumerable.Range(0, 100), random.Train.Concat(random.Test).Order());
        Assert.Equal((1, 1), (Splitter.HoldOut(2, 0.01).Train.Length, Splitter.HoldOut(2, 0.99).Test.Length));
    }

    [Fact]
    public void Impossible_splits_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Splitter.HoldOut(10, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Splitter.HoldOut(1, 0.5));
        Assert.Throws<ArgumentException>(() => Splitter.KFold(3, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Splitter.KFold(3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Splitter.TimeSeries(3, 0));
    }
}
