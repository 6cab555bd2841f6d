using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <summary>Fits the calibration among a model's steps, as a version of it is made.</summary>
internal static class CalibrationStage
{
    /// <summary>Outcomes of each class, at least.</summary>
    private const int FewestOfAClass = 10;

    /// <param name="steps">As declared.</param>
    /// <param name="pairs">Predictions and what came.</param>
    /// <returns>The steps with the fitted map in its place, and what was fitted; with the reason, and without a map, where the outcomes are too few.</returns>
    public static (ImmutableArray<PostprocessDefinition> Steps, string? Fitted, string? WhyNot) Fit(ImmutableArray<PostprocessDefinition> steps, CalibrationPairs pairs)
    {
        if (steps.FirstOrDefault(s => s.Calibrate is not null) is not { Calibrate: { } calibrate } step)
            return (steps, null, null);
        var (predictions, labels) = pairs.ToArrays();
        var positives = labels.Count(label => label == 1);
        var fewest = FewestOf(calibrate.Method);
        if (labels.Length < fewest || positives < FewestOfAClass || labels.Length - positives < FewestOfAClass)
        {
            return (steps, null, string.Create(CultureInfo.InvariantCulture,
                $"{calibrate.Method} needs {fewest} outcomes, {FewestOfAClass} of each class, and there are {labels.Length}, {positives} of them positive: answers are not calibrated."));
        }

        Calibrator map = calibrate.Method switch
        {
            "platt" => PlattCalibrator.Fit(predictions, labels),
            "isotonic" => IsotonicCalibrator.Fit(predictions, labels),
            _ => TemperatureCalibrator.Fit(predictions, labels),
        };
        var fitted = step with { Calibrate = calibrate with { Map = map.ToJson() } };
        return (steps.Replace(step, fitted), string.Create(CultureInfo.InvariantCulture, $"{calibrate.Method} on {labels.Length} outcomes"), null);
    }

    /// <summary>An isotonic map has as many parameters as steps, and follows the noise of few rows.</summary>
    private static int FewestOf(string method) => method == "isotonic" ? 500 : 100;
}
