using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMl.Learning;

/// <summary>
/// A fitted map from a model's probability to a calibrated one, monotone and immutable: a stage after any model. Fit it on
/// rows that the model has not learned from.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "calibrator", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(PlattCalibrator), "platt")]
[JsonDerivedType(typeof(TemperatureCalibrator), "temperature")]
[JsonDerivedType(typeof(IsotonicCalibrator), "isotonic")]
public abstract record Calibrator
{
    /// <summary>Probabilities are limited to [ε, 1 − ε] before their logit.</summary>
    internal const double LogitLimit = 1e-12;

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true };

    /// <summary>The calibrated probability, in [0, 1].</summary>
    /// <param name="probability">In [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1].</exception>
    public double Calibrate(double probability)
        => probability is >= 0 and <= 1 ? Map(probability) : throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability must be in [0, 1].");

    /// <summary>With doubles in their shortest exact form.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <exception cref="LearnerException">Not a calibrator, or parameters out of range.</exception>
    public static Calibrator FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Calibrator>(json, _json) ?? throw new LearnerException("The text is not a calibrator: it is null.");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException)
        {
            throw new LearnerException($"The text is not a calibrator: {exception.Message}", exception);
        }
    }

    private protected abstract double Map(double probability);

    internal static double Logit(double probability)
    {
        var limited = Math.Clamp(probability, LogitLimit, 1 - LogitLimit);
        return Math.Log(limited / (1 - limited));
    }

    /// <summary>ln(1 + e^z) without overflow.</summary>
    internal static double Softplus(double z) => Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z)));

    internal static double Sigmoid(double z) => z >= 0 ? 1 / (1 + Math.Exp(-z)) : Math.Exp(z) / (1 + Math.Exp(z));

    internal static void RequireBothClasses(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels)
    {
        Inputs.RequireProbabilities(probabilities, labels);
        if (!labels.Contains(0) || !labels.Contains(1))
            throw new ArgumentException($"All {labels.Length} labels are {labels[0]}; calibration needs rows of both classes.", nameof(labels));
    }
}
