using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Expected calibration error (Naeini, Cooper and Hauskrecht 2015): Σ n_b/n · |mean p − positive rate| over bins of the
/// predicted probability, in [0, 1]. Figures of different binnings must not be compared.
/// </summary>
public static class ExpectedCalibrationError
{
    public const int DefaultBins = 10;

    /// <summary>Over a diagram's bins.</summary>
    public static double Of(ImmutableArray<ReliabilityBin> bins)
    {
        double sum = 0, count = 0;
        foreach (var bin in bins)
        {
            sum += bin.Count == 0 ? 0 : bin.Count * Math.Abs(bin.MeanProbability - bin.PositiveRate);
            count += bin.Count;
        }

        return sum / count;
    }

    /// <summary>Bin = floor(p · bins), the last one closed: as read on most diagrams.</summary>
    /// <exception cref="ArgumentException">Lengths differ, no row, a probability outside [0, 1], a label other than 0 and 1.</exception>
    public static ImmutableArray<ReliabilityBin> EqualWidth(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels, int bins = DefaultBins)
    {
        Inputs.RequireProbabilities(probabilities, labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var (counts, sums, positives) = (new int[bins], new double[bins], new double[bins]);
        for (var i = 0; i < labels.Length; i++)
        {
            var bin = Math.Min(bins - 1, (int)(probabilities[i] * bins));
            counts[bin]++;
            sums[bin] += probabilities[i];
            positives[bin] += labels[i];
        }

        return [.. Enumerable.Range(0, bins).Select(bin => new ReliabilityBin((double)bin / bins, (bin + 1.0) / bins, counts[bin], sums[bin] / counts[bin], positives[bin] / counts[bin]))];
    }

    /// <summary>Rows in stable order of p, cut into parts that differ by at most one row: every bin's rate is about equally sure.</summary>
    /// <inheritdoc cref="EqualWidth" path="/exception"/>
    public static ImmutableArray<ReliabilityBin> EqualMass(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels, int bins = DefaultBins)
    {
        Inputs.RequireProbabilities(probabilities, labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var (given, truth) = (probabilities.ToArray(), labels.ToArray());
        var order = Enumerable.Range(0, given.Length).OrderBy(i => given[i]).ToArray();
        var diagram = ImmutableArray.CreateBuilder<ReliabilityBin>(bins);
        for (int bin = 0, start = 0; bin < bins; bin++)
        {
            var rows = order.AsSpan(start, (order.Length / bins) + (bin < order.Length % bins ? 1 : 0));
            start += rows.Length;
            if (rows.IsEmpty)
                continue;
            double sum = 0, positives = 0;
            foreach (var row in rows)
                (sum, positives) = (sum + given[row], positives + truth[row]);
            diagram.Add(new ReliabilityBin(given[rows[0]], given[rows[^1]], rows.Length, sum / rows.Length, positives / rows.Length));
        }

        return diagram.ToImmutable();
    }
}
