using System.Text.Json.Serialization;

namespace OrleansMl.Learning;

/// <summary>
/// Divides the logit by a temperature T that minimises the log loss (Guo, Pleiss, Sun and Weinberger 2017): T &gt; 1 for an
/// overconfident model. One parameter; never changes which side of 0.5 a row is on.
/// </summary>
public sealed record TemperatureCalibrator : Calibrator
{
    /// <param name="temperature">T, finite, &gt; 0.</param>
    [JsonConstructor]
    public TemperatureCalibrator(double temperature)
        => Temperature = temperature > 0 && double.IsFinite(temperature) ? temperature : throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature must be finite and above 0.");

    public double Temperature { get; }

    /// <exception cref="ArgumentException">Lengths differ, a probability outside [0, 1], labels other than 0 and 1 or of one class.</exception>
    public static TemperatureCalibrator Fit(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels)
    {
        RequireBothClasses(probabilities, labels);
        var z = probabilities.ToArray().Select(Logit).ToArray();
        var y = labels.ToArray();

        // The loss is convex in 1/T, so its slope has one root; bisection on ln(1/T) cannot miss it within [e^−7, e^7].
        double low = -7, high = 7;
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            var inverse = Math.Exp(middle);
            double slope = 0;
            for (var i = 0; i < z.Length; i++)
                slope += (Sigmoid(inverse * z[i]) - y[i]) * z[i];
            (low, high) = slope > 0 ? (low, middle) : (middle, high);
        }

        return new TemperatureCalibrator(Math.Exp(-(low + high) / 2));
    }

    private protected override double Map(double probability) => Sigmoid(Logit(probability) / Temperature);
}
