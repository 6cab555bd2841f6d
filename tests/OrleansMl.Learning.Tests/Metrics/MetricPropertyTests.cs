using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Metrics;

public sealed class MetricPropertyTests
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(7, 19);

    /// <summary>Few distinct scores, so that many tie.</summary>
    private static Gen<(double Score, double Label)[]> Rows { get; } =
        from rows in (from score in Gen.Choose(0, 12) from label in Gen.Choose(0, 1) select (Score: score / 12.0, Label: (double)label)).NonEmptyListOf()
        select rows.ToArray();

    [Fact]
    public void The_area_under_the_curve_is_the_share_of_pairs_in_order()
        => ForAll((scores, labels) =>
        {
            double right = 0, pairs = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                for (var j = 0; j < scores.Length; j++)
                {
                    if (labels[i] != 1 || labels[j] != 0)
                        continue;
                    pairs++;
                    right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }

            Assert.Equal(right / pairs, RocAuc.Compute(scores, labels), 1e-12);
        });

    [Fact]
    public void Average_precision_is_the_sum_over_thresholds()
        => ForAll((scores, labels) =>
        {
            double area = 0, before = 0;
            foreach (var threshold in scores.Distinct().OrderDescending())
            {
                var matrix = ConfusionMatrix.Binary(scores, labels, threshold);
                area += (matrix.Recall(1) - before) * matrix.Precision(1);
                before = matrix.Recall(1);
            }

            if (labels.Contains(1))
                Assert.Equal(area, AveragePrecision.Compute(scores, labels), 1e-12);
            else
                Assert.True(double.IsNaN(AveragePrecision.Compute(scores, labels)));
        });

    [Fact]
    public void Calibration_error_is_between_the_gap_of_the_means_and_one()
        => ForAll((scores, labels) =>
        {
            var gap = Math.Abs(scores.Average() - labels.Average());
            foreach (var bins in new[] { 1, 3, 10 })
            {
                // The triangle inequality: merging bins can only lower the error, and one bin is the gap of the means.
                Assert.InRange(ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualWidth(scores, labels, bins)), gap - 1e-12, 1);
                Assert.InRange(ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualMass(scores, labels, bins)), gap - 1e-12, 1);
            }

            Assert.Equal(gap, ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualWidth(scores, labels, 1)), 1e-12);
            Assert.Equal(scores.Length, ExpectedCalibrationError.EqualWidth(scores, labels).Sum(bin => bin.Count));
            Assert.Equal(scores.Length, ExpectedCalibrationError.EqualMass(scores, labels).Sum(bin => bin.Count));
        });

    [Fact]
    public void Ranking_figures_stay_between_0_and_1_and_are_1_for_the_best_order()
        => ForAll((scores, labels) =>
        {
            foreach (var k in new[] { 1, 3, scores.Length + 2 })
            {
                foreach (var figure in new[] { Ranking.Ndcg(scores, labels, k), Ranking.AveragePrecision(scores, labels, k), Ranking.Hit(scores, labels, k), Ranking.ReciprocalRank(scores, labels, k) })
                {
                    if (labels.Contains(1))
                        Assert.InRange(figure, 0, 1 + 1e-12);
                    else
                        Assert.True(double.IsNaN(figure));
                }

                if (!labels.Contains(1))
                    continue;
                Assert.Equal(1, Ranking.Ndcg(labels, labels, k), 1e-12);
                Assert.Equal(1, Ranking.AveragePrecision(labels, labels, k), 1e-12);
                Assert.Equal(1, Ranking.Hit(labels, labels, k));
            }
        });

    [Fact]
    public void DeLong_gives_the_area_itself_and_an_interval_around_it()
        => ForAll((scores, labels) =>
        {
            if (labels.Count(label => label == 1) < 2 || labels.Count(label => label == 0) < 2)
            {
                Assert.Throws<ArgumentException>(() => DeLong.Interval(scores, labels));
                return;
            }

            var interval = DeLong.Interval(scores, labels);
            Assert.Equal(RocAuc.Compute(scores, labels), interval.Estimate, 1e-12);
            Assert.InRange(interval.Estimate, interval.Lower, interval.Upper);
            Assert.Equal(1, DeLong.Compare(scores, scores, labels).PValue);
        });

    private static void ForAll(Action<double[], double[]> check)
        => Check.One(_config, Prop.ForAll(Rows.ToArbitrary(), rows => check([.. rows.Select(row => row.Score)], [.. rows.Select(row => row.Label)])));
}
