namespace OrleansMl.Learning.Tests.Golden;

/// <summary>scikit-learn's calibrators on the nannyml reference rows.</summary>
public sealed class CalibrationGoldenTests
{
    [SkippableFact]
    public void Platt_and_isotonic_equal_those_of_scikit_learn()
    {
        var golden = new GoldenFile("calibration");
        var file = new CsvFile(SharedData.Require("nannyml/california_housing_reference.csv"));
        var (scores, labels) = (file.Column("y_pred_proba"), file.Column("clf_target"));
        var points = golden.Numbers("points");
        var (isotonic, platt) = (IsotonicCalibrator.Fit(scores, labels), PlattCalibrator.Fit(scores, labels));
        for (var i = 0; i < points.Length; i++)
        {
            Assert.Equal(golden.Numbers("isotonic")[i], isotonic.Calibrate(points[i]), 1e-9);

            // The reference stops its search earlier; here the gradient is 0 to rounding.
            Assert.Equal(golden.Numbers("platt_at_points")[i], platt.Calibrate(points[i]), 1e-6);
        }

        Assert.Equal(golden.Number("platt_on_logit/a"), platt.A, 1e-5);
        Assert.Equal(golden.Number("platt_on_logit/b"), platt.B, 1e-5);
    }
}
