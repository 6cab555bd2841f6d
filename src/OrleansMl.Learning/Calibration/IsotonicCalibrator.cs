using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansMl.Learning;

/// <summary>
/// The rising step function of least squares (pool adjacent violators; Zadrozny and Elkan 2002), linear between the points,
/// level outside. Follows any monotone distortion; wants about 1,000 rows.
/// </summary>
public sealed record IsotonicCalibrator : Calibrator
{
    /// <param name="x">Probabilities, rising strictly, in [0, 1].</param>
    /// <param name="y">Their calibrated values, never falling, in [0, 1].</param>
    [JsonConstructor]
    public IsotonicCalibrator(ImmutableArray<double> x, ImmutableArray<double> y)
    {
        if (x.IsDefaultOrEmpty || y.IsDefaultOrEmpty || x.Length != y.Length)
            throw new ArgumentException("An isotonic map needs as many values y as points x, and at least one.", nameof(y));
        for (var i = 0; i < x.Length; i++)
        {
            if (!(x[i] is >= 0 and <= 1 && y[i] is >= 0 and <= 1) || (i > 0 && !(x[i] > x[i - 1] && y[i] >= y[i - 1])))
                throw new ArgumentException($"Point {i} ({x[i]}, {y[i]}) is outside [0, 1] or out of order.", nameof(x));
        }

        (X, Y) = (x, y);
    }

    public ImmutableArray<double> X { get; }

    public ImmutableArray<double> Y { get; }

    /// <exception cref="ArgumentException">Lengths differ, a probability outside [0, 1], labels other than 0 and 1 or of one class.</exception>
    public static IsotonicCalibrator Fit(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels)
    {
        RequireBothClasses(probabilities, labels);
        var (keys, truth) = (probabilities.ToArray(), labels.ToArray());
        Array.Sort(keys, truth);
        var blocks = new List<Block>();
        for (int start = 0, end; start < keys.Length; start = end)
        {
            double sum = 0;
            for (end = start; end < keys.Length && keys[end] == keys[start]; end++)
                sum += truth[end];
            blocks.Add(new Block(keys[start], keys[start], sum, end - start));
            while (blocks.Count > 1 && blocks[^2].Sum * blocks[^1].Count >= blocks[^1].Sum * blocks[^2].Count)
            {
                var (before, last) = (blocks[^2], blocks[^1]);
                blocks.RemoveRange(blocks.Count - 2, 2);
                blocks.Add(new Block(before.First, last.Last, before.Sum + last.Sum, before.Count + last.Count));
            }
        }

        // A level block needs its two ends alone.
        var points = blocks.SelectMany(block => block.First == block.Last ? new[] { block.First } : [block.First, block.Last], (block, x) => (X: x, Y: block.Sum / block.Count)).ToArray();
        return new IsotonicCalibrator([.. points.Select(point => point.X)], [.. points.Select(point => point.Y)]);
    }

    public bool Equals(IsotonicCalibrator? other) => other is not null && X.AsSpan().SequenceEqual(other.X.AsSpan()) && Y.AsSpan().SequenceEqual(other.Y.AsSpan());

    public override int GetHashCode() => HashCode.Combine(X.Length, X[0], Y[0], Y[^1]);

    private protected override double Map(double probability)
    {
        var place = X.AsSpan().BinarySearch(probability);
        if (place >= 0)
            return Y[place];
        var above = ~place;
        if (above == 0 || above == X.Length)
            return Y[Math.Max(0, above - 1)];
        var share = (probability - X[above - 1]) / (X[above] - X[above - 1]);
        return Y[above - 1] + (share * (Y[above] - Y[above - 1]));
    }

    private readonly record struct Block(double First, double Last, double Sum, double Count);
}
