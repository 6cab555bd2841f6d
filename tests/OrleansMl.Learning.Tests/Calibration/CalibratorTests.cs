using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Calibration;

public sealed class CalibratorTests
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(13, 29);

    /// <summary>Rows of both classes, many of equal score.</summary>
    private static Gen<(double Score, double Label)[]> Rows { get; } =
        from rows in (from score in Gen.Choose(0, 20) from label in Gen.Choose(0, 1) select (Score: score / 20.0, Label: (double)label)).NonEmptyListOf()
        select rows.Append((0.3, 0.0)).Append((0.6, 1.0)).ToArray();

    [Fact]
    public void Isotonic_is_the_largest_of_the_smallest_means()
        => ForAll((scores, labels) =>
        {
            // The minimax formula of isotonic regression: max over a ≤ x of min over b ≥ x of the mean label in [a, b].
            var isotonic = IsotonicCalibrator.Fit(scores, labels);
            foreach (var x in scores)
            {
                var expected = scores.Where(a => a <= x).Max(a => scores.Where(b => b >= x).Min(b => labels.Where((_, i) => scores[i] >= a && scores[i] <= b).Average()));
                Assert.Equal(expected, isotonic.Calibrate(x), 1e-12);
            }
        });

    [Fact]
    public void Every_calibrator_rises_stays_a_probability_and_comes_back_from_json()
        => ForAll((scores, labels) =>
        {
            foreach (var calibrator in new Calibrator[] { PlattCalibrator.Fit(scores, labels), TemperatureCalibrator.Fit(scores, labels), IsotonicCalibrator.Fit(scores, labels) })
            {
                var back = Calibrator.FromJson(calibrator.ToJson());
                Assert.Equal(calibrator, back);
                var before = 0.0;
                for (var step = 0; step <= 50; step++)
                {
                    var p = calibrator.Calibrate(step / 50.0);
                    Assert.InRange(p, before - 1e-12, 1);
                    Assert.Equal(p, back.Calibrate(step / 50.0));
                    before = p;
                }
            }
        });

    [Fact]
    public void A_true_temperature_is_found_and_mends_the_calibration()
    {
        var random = new Random(6);
        var truth = Enumerable.Range(0, 20_000).Select(_ => random.NextDouble()).ToArray();
        var labels = truth.Select(p => random.NextDouble() < p ? 1.0 : 0).ToArray();
        var sharp = truth.Select(p => 1 / (1 + Math.Pow((1 - p) / p, 2.5))).ToArray();
        var calibrator = TemperatureCalibrator.Fit(sharp, labels);
        Assert.Equal(2.5, calibrator.Temperature, 0.1);
        var mended = sharp.Select(calibrator.Calibrate).ToArray();
        Assert.True(Error(sharp) > 0.08);
        Assert.True(Error(mended) < 0.02);
        Assert.True(Error([.. sharp.Select(PlattCalibrator.Fit(sharp, labels).Calibrate)]) < 0.02);
        Assert.True(Error([.. sharp.Select(IsotonicCalibrator.Fit(sharp, labels).Calibrate)]) < 0.01);

        double Error(double[] probabilities) => ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualMass(probabilities, labels));
    }

    [Theory]
    [InlineData("""{"calibrator":"platt","a":1,"b":0}""")]
    [InlineData("""{"calibrator":"platt","a":-1}""")]
    [InlineData("""{"calibrator":"temperature","temperature":0}""")]
    [InlineData("""{"calibrator":"temperature","temperature":1,"x":1}""")]
    [InlineData("""{"calibrator":"isotonic","x":[0.2,0.1],"y":[0,1]}""")]
    [InlineData("""{"calibrator":"isotonic","x":[],"y":[]}""")]
    [InlineData("""{"calibrator":"other"}""")]
    [InlineData("null")]
    [InlineData("[")]
    public void What_is_no_calibrator_is_refused(string json) => Assert.Throws<LearnerException>(() => Calibrator.FromJson(json));

    [Fact]
    public void Rows_of_one_class_and_scores_out_of_range_are_refused()
    {
        Assert.Contains("both classes", Assert.Throws<ArgumentException>(() => PlattCalibrator.Fit([0.1, 0.2], [1, 1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => IsotonicCalibrator.Fit([0.1, 2], [1, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TemperatureCalibrator(1).Calibrate(double.NaN));
    }

    private static void ForAll(Action<double[], double[]> check)
        => Check.One(_config, Prop.ForAll(Rows.ToArbitrary(), rows => check([.. rows.Select(row => row.Score)], [.. rows.Select(row => row.Label)])));
}
