using OrleansMl.Cli.Replay;

namespace OrleansMl.Cli.Scoring;

/// <summary>
/// Errors of the four on the scored rows, in order. The frozen series is empty when version 1 could not be asked.
/// </summary>
internal sealed class Comparison
{
    private Comparison(IReadOnlyList<ReplayRow> rows, bool regression)
    {
        Rows = rows;
        IsRegression = regression;
        Live = Errors(row => row.Live);
        NoChange = Errors(row => row.NoChange);
        Prior = Errors(row => row.Prior);
        Frozen = rows.Any(row => double.IsNaN(row.Frozen)) ? [] : Errors(row => row.Frozen);
    }

    /// <summary>The scored rows.</summary>
    public IReadOnlyList<ReplayRow> Rows { get; }

    public bool IsRegression { get; }

    public IReadOnlyList<double> Live { get; }

    public IReadOnlyList<double> Frozen { get; }

    public IReadOnlyList<double> NoChange { get; }

    public IReadOnlyList<double> Prior { get; }

    public static Comparison Of(IEnumerable<ReplayRow> rows, bool regression) => new([.. rows.Where(row => row.IsScored)], regression);

    /// <summary>Whether live is better than another series of the same rows.</summary>
    public bool LiveBeats(IReadOnlyList<double> other) => other.Count > 0 && Live.Sum() < other.Sum();

    private List<double> Errors(Func<ReplayRow, double> answer) => [.. Rows.Select(row => Score.ErrorOf(answer(row), row.Truth, IsRegression))];
}
