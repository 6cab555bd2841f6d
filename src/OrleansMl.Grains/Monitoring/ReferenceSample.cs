using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>The reference as it is collected: rows of values, and what the window of them is. It lives in memory only: the log has its rows.</summary>
internal sealed class ReferenceSample(int series)
{
    private readonly List<double[]> _rows = [];

    public int Count => _rows.Count;

    public void Add(double[] values) => _rows.Add([.. values]);

    /// <summary>Values of a series in their order, without the missing ones.</summary>
    public double[] Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, series);
        return [.. _rows.Select(row => row[index]).Where(value => !double.IsNaN(value))];
    }

    /// <summary>The same of some rows.</summary>
    public IEnumerable<double> Of(int index, Range rows)
    {
        var (from, length) = rows.GetOffsetAndLength(_rows.Count);
        return _rows.Skip(from).Take(length).Select(row => row[index]).Where(value => !double.IsNaN(value));
    }

    /// <summary>Rewrites a series, by what its values become.</summary>
    public void Fit(int index, CategoryCodes codes)
    {
        var values = Of(index);
        codes.Fit(values);
        var next = 0;
        foreach (var row in _rows.Where(row => !double.IsNaN(row[index])))
            row[index] = values[next++];
    }
}
