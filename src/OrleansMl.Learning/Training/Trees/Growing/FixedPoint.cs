using System.Numerics;

namespace OrleansMl.Learning;

/// <summary>
/// Real numbers as multiples of a power of two. Their sums are exact: they hang on neither the order of the rows nor the
/// threads, and what is subtracted leaves nothing behind. Of N numbers the smallest step is about 2^(log₂N − 61) of the largest.
/// </summary>
internal readonly struct FixedPoint
{
    private const int SumBits = 61;
    private const int MostShift = 1000;

    private readonly double _units;
    private readonly double _one;

    private FixedPoint(int shift) => (_units, _one) = (Math.ScaleB(1, shift), Math.ScaleB(1, -shift));

    /// <param name="largest">Of the absolute values, finite.</param>
    /// <param name="count">How many are summed at most.</param>
    public static FixedPoint For(double largest, int count)
    {
        if (!(largest > 0))
            return new FixedPoint(0);
        var shift = SumBits - (BitOperations.Log2((uint)Math.Max(1, count)) + 1) - (Math.ILogB(largest) + 1);
        return new FixedPoint(Math.Clamp(shift, -MostShift, MostShift));
    }

    /// <summary>The nearest multiple.</summary>
    public long Units(double value) => double.ConvertToIntegerNative<long>(Math.Round(value * _units));

    public double Real(long units) => units * _one;

    /// <summary>The sum of numbers, the same in every order.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (var value in values)
            largest = Math.Max(largest, Math.Abs(value));
        var point = For(largest, values.Length);
        long sum = 0;
        foreach (var value in values)
            sum += point.Units(value);
        return point.Real(sum);
    }
}
