using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>Sums over classes.</summary>
internal static class Probabilities
{
    /// <summary>Up to so many classes are kept on the stack.</summary>
    public const int OnStack = 256;

    /// <summary>Probabilities stay this far from 0 and 1, so that log loss is finite.</summary>
    public const double Margin = 1e-15;

    /// <summary>1 / (1 + e^−z), kept off 0 and 1.</summary>
    public static double Logistic(double z) => Math.Clamp(1 / (1 + Math.Exp(-z)), Margin, 1 - Margin);

    /// <summary>Index of the largest; the first of equals.</summary>
    public static int MostProbable(ReadOnlySpan<double> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }

    /// <summary>Logarithms, up to a common constant, to probabilities, in place.</summary>
    public static void Softmax(Span<double> values)
    {
        // A plain loop: of the few classes that there are, mostly, a call would cost more than the search.
        var max = values[0];
        for (var i = 1; i < values.Length; i++)
            max = values[i] > max ? values[i] : max;
        double sum = 0;
        for (var i = 0; i < values.Length; i++)
            sum += values[i] = Math.Exp(values[i] - max);
        for (var i = 0; i < values.Length; i++)
            values[i] /= sum;
    }

    /// <summary>The same through the logarithm of the sum: near 1 it rounds as River does.</summary>
    public static void FromLogs(Span<double> logs)
    {
        var max = TensorPrimitives.Max<double>(logs);
        double sum = 0;
        foreach (var log in logs)
            sum += Math.Exp(log - max);
        var total = max + Math.Log(sum);
        for (var i = 0; i < logs.Length; i++)
            logs[i] = Math.Exp(logs[i] - total);
    }

    /// <summary>Divides by the sum; where that is 0, all are equally probable.</summary>
    public static void Normalize(Span<double> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += value;
        if (!(sum > 0))
        {
            values.Fill(1.0 / values.Length);
            return;
        }

        for (var i = 0; i < values.Length; i++)
            values[i] /= sum;
    }
}
