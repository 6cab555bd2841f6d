namespace OrleansMl.Learning;

/// <summary>Checks that metrics, calibrators and tests share.</summary>
internal static class Inputs
{
    /// <exception cref="ArgumentException">Lengths differ, or there is no row.</exception>
    public static void Require(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        if (predictions.Length != labels.Length)
            throw new ArgumentException($"There are {predictions.Length} predictions and {labels.Length} labels.", nameof(labels));
        if (predictions.IsEmpty)
            throw new ArgumentException("There is no row to evaluate.", nameof(predictions));
        RequireFinite(predictions, nameof(predictions));
        RequireFinite(labels, nameof(labels));
    }

    /// <exception cref="ArgumentException">Besides, a prediction outside [0, 1] or a label other than 0 and 1.</exception>
    public static void RequireProbabilities(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels)
    {
        Require(probabilities, labels);
        for (var i = 0; i < labels.Length; i++)
        {
            if (probabilities[i] is < 0 or > 1)
                throw new ArgumentException($"The probability of row {i} is {probabilities[i]}; it must be in [0, 1].", nameof(probabilities));
        }

        RequireBinary(labels);
    }

    /// <exception cref="ArgumentException">A label other than 0 and 1.</exception>
    public static void RequireBinary(ReadOnlySpan<double> labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] is not (0 or 1))
                throw new ArgumentException($"The label of row {i} is {labels[i]}; it must be 0 or 1.", nameof(labels));
        }
    }

    /// <exception cref="ArgumentException">NaN or infinite.</exception>
    public static void RequireFinite(ReadOnlySpan<double> values, string name)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Value {i} is {values[i]}; it must be finite.", name);
        }
    }
}
