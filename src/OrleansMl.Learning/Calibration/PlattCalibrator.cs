using System.Text.Json.Serialization;

namespace OrleansMl.Learning;

/// <summary>
/// Platt's sigmoid on the logit z of the probability: 1/(1 + exp(a·z + b)). Fitted by Newton's method to the smoothed
/// targets (N₊ + 1)/(N₊ + 2) and 1/(N₋ + 2) (Platt 1999; Lin, Lin and Weng 2007). Two parameters: sound from few hundred rows on.
/// </summary>
public sealed record PlattCalibrator : Calibrator
{
    private const int MaxSteps = 100;

    /// <param name="a">Finite, ≤ 0: a rising map.</param>
    /// <param name="b">Finite.</param>
    [JsonConstructor]
    public PlattCalibrator(double a, double b)
    {
        if (!(double.IsFinite(a) && a <= 0))
            throw new ArgumentOutOfRangeException(nameof(a), a, "a must be finite and not positive; a score that falls with the outcome must be turned round before.");
        if (!double.IsFinite(b))
            throw new ArgumentOutOfRangeException(nameof(b), b, "b must be finite.");
        (A, B) = (a, b);
    }

    public double A { get; }

    public double B { get; }

    /// <exception cref="ArgumentException">Lengths differ, a probability outside [0, 1], labels other than 0 and 1 or of one class.</exception>
    public static PlattCalibrator Fit(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels)
    {
        RequireBothClasses(probabilities, labels);
        var positives = labels.ToArray().Sum();
        var (high, low) = ((positives + 1) / (positives + 2), 1 / (labels.Length - positives + 2));
        var z = probabilities.ToArray().Select(Logit).ToArray();
        var targets = labels.ToArray().Select(label => label == 1 ? high : low).ToArray();
        var (a, b) = (0.0, Math.Log((labels.Length - positives + 1) / (positives + 1)));
        var loss = Loss(z, targets, a, b);
        for (var step = 0; step < MaxSteps; step++)
        {
            double ga = 0, gb = 0, haa = 1e-12, hab = 0, hbb = 1e-12;
            for (var i = 0; i < z.Length; i++)
            {
                var p = Sigmoid(-((a * z[i]) + b));
                var (slope, curve) = (targets[i] - p, p * (1 - p));
                (ga, gb) = (ga + (slope * z[i]), gb + slope);
                (haa, hab, hbb) = (haa + (curve * z[i] * z[i]), hab + (curve * z[i]), hbb + curve);
            }

            var determinant = (haa * hbb) - (hab * hab);
            var (da, db) = (((hbb * ga) - (hab * gb)) / determinant, ((haa * gb) - (hab * ga)) / determinant);
            if (!(Math.Abs(da) + Math.Abs(db) > 1e-13 * (1 + Math.Abs(a) + Math.Abs(b))))
                break;

            // A step that does not lower the loss is halved; none that does means that rounding is reached.
            var size = 1.0;
            while (size > 1e-10 && Loss(z, targets, a - (size * da), b - (size * db)) > loss)
                size /= 2;
            if (size <= 1e-10)
                break;
            (a, b) = (a - (size * da), b - (size * db));
            loss = Loss(z, targets, a, b);
        }

        return new PlattCalibrator(Math.Min(a, 0), b);
    }

    private protected override double Map(double probability) => Sigmoid(-((A * Logit(probability)) + B));

    private static double Loss(double[] z, double[] targets, double a, double b)
    {
        double sum = 0;
        for (var i = 0; i < z.Length; i++)
            sum += Softplus((a * z[i]) + b) - ((1 - targets[i]) * ((a * z[i]) + b));
        return sum;
    }
}
