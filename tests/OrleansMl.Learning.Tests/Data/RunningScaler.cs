namespace OrleansMl.Learning.Tests;

/// <summary>
/// River's StandardScaler: running mean and population variance (Welford); at prediction it has not seen the row, at
/// learning it learns the row first. A constant column is 0.
/// </summary>
internal sealed class RunningScaler(int width)
{
    private readonly double[] _means = new double[width];
    private readonly double[] _variances = new double[width];
    private readonly double[] _scaled = new double[width];
    private double _count;

    public void Learn(double[] x)
    {
        _count++;
        for (var i = 0; i < x.Length; i++)
        {
            var before = _means[i];
            _means[i] += (x[i] - before) / _count;
            _variances[i] += (((x[i] - before) * (x[i] - _means[i])) - _variances[i]) / _count;
        }
    }

    public double[] Scale(double[] x)
    {
        for (var i = 0; i < x.Length; i++)
            _scaled[i] = _variances[i] > 0 ? (x[i] - _means[i]) / Math.Sqrt(_variances[i]) : 0;
        return _scaled;
    }
}
