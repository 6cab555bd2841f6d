using System.Globalization;
using System.Text;
using OrleansMl.Cli.Replay;
using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Charts;

/// <summary>
/// The four series over time as SVG: windowed accuracy (or mean absolute error), a vertical mark where another version went
/// live.
/// </summary>
internal sealed class AccuracyChart(Comparison comparison, string title)
{
    private const double Width = 1000;
    private const double Height = 460;
    private const double Left = 64;
    private const double Right = 24;
    private const double Top = 78;
    private const double Bottom = 56;
    private const int MostPoints = 800;
    private const double LabelDistance = 16;

    private readonly int _window = WindowedMean.LengthFor(comparison.Rows.Count);
    private readonly StringBuilder _svg = new();

    public string ToSvg()
    {
        var series = new List<Series>
        {
            Line("prior", "#9a6fb0", "2 4", 1.5, comparison.Prior),
            Line("no change", "#7d7d7d", "7 4", 1.5, comparison.NoChange),
            Line("frozen (version 1)", "#d1495b", null, 1.8, comparison.Frozen),
            Line("live", "#1f6fb4", null, 2.6, comparison.Live),
        };
        series.RemoveAll(line => line.Points.Count == 0);

        _svg.Append(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="12" fill="#333">""")).Append('\n');
        _svg.Append(Invariant($"""<rect width="{Width}" height="{Height}" fill="#fdfdfb"/>""")).Append('\n');
        Text(Left, 26, title, "font-size=\"16\" font-weight=\"600\"");
        if (series.Count == 0)
        {
            Text(Width / 2, Height / 2, "No row was served by a version.", "text-anchor=\"middle\"");
            return _svg.Append("</svg>\n").ToString();
        }

        var scale = Scale.Of(series.SelectMany(line => line.Points).Select(point => point.Value), comparison.IsRegression);
        Grid(scale);
        Marks();
        foreach (var line in series)
            Draw(line, scale);
        Legend(series);
        return _svg.Append("</svg>\n").ToString();
    }

    private Series Line(string name, string colour, string? dashes, double width, IReadOnlyList<double> errors) => new(
        name,
        colour,
        dashes,
        width,
        [.. WindowedMean.Of(errors, _window, MostPoints).Select(point => (point.Index, comparison.IsRegression ? point.Mean : 1 - point.Mean))]);

    private void Grid(Scale scale)
    {
        foreach (var tick in scale.Ticks)
        {
            var y = Y(tick, scale);
            _svg.Append(Invariant($"""<line x1="{Left}" y1="{y:0.0}" x2="{Width - Right}" y2="{y:0.0}" stroke="#e4e4e0"/>""")).Append('\n');
            Text(Left - 8, y + 4, tick.ToString(scale.Format, CultureInfo.InvariantCulture), "text-anchor=\"end\"");
        }

        var count = comparison.Rows.Count;
        var spansDays = comparison.Rows[^1].Time - comparison.Rows[0].Time;
        var format = spansDays.TotalDays > 3 ? "yyyy-MM-dd" : "MM-dd HH:mm";
        const int Labels = 7;
        for (var label = 0; label < Labels; label++)
        {
            var index = (int)Math.Round(label * (count - 1) / (double)(Labels - 1));
            var x = X(index);
            _svg.Append(Invariant($"""<line x1="{x:0.0}" y1="{Height - Bottom}" x2="{x:0.0}" y2="{Height - Bottom + 5}" stroke="#888"/>""")).Append('\n');
            var anchor = label switch { 0 => "start", Labels - 1 => "end", _ => "middle" };
            Text(x, Height - Bottom + 19, comparison.Rows[index].Time.ToString(format, CultureInfo.InvariantCulture), $"text-anchor=\"{anchor}\"");
        }

        _svg.Append(Invariant($"""<line x1="{Left}" y1="{Height - Bottom}" x2="{Width - Right}" y2="{Height - Bottom}" stroke="#888"/>""")).Append('\n');
        var measure = comparison.IsRegression ? "mean absolute error" : "accuracy";
        Text((Left + Width - Right) / 2, Height - 12, Invariant($"event time; {measure} over the last {_window:N0} rows; vertical marks: another version went live"), "text-anchor=\"middle\" fill=\"#666\"");
        _svg.Append(Invariant($"""<text transform="translate(16 {(Top + Height - Bottom) / 2:0.0}) rotate(-90)" text-anchor="middle">{measure}</text>""")).Append('\n');
    }

    private void Marks()
    {
        var indexOfRow = comparison.Rows.Select((row, index) => (row, index)).ToDictionary(pair => pair.row.Index, pair => pair.index);
        var labelled = double.NegativeInfinity;
        foreach (var swap in ReplaySummary.Swaps(comparison.Rows))
        {
            var x = X(indexOfRow[swap.Index]);
            _svg.Append(Invariant($"""<line class="swap" x1="{x:0.0}" y1="{Top}" x2="{x:0.0}" y2="{Height - Bottom}" stroke="#3a9d5d" stroke-width="1" stroke-opacity="0.45"/>""")).Append('\n');
            if (x - labelled < LabelDistance)
                continue;
            labelled = x;
            Text(x, Top - 5, swap.ModelVersion!.Value.ToString(CultureInfo.InvariantCulture), "text-anchor=\"middle\" font-size=\"10\" fill=\"#2c7a48\"");
        }
    }

    private void Draw(Series line, Scale scale)
    {
        var points = string.Join(" ", line.Points.Select(point => Invariant($"{X(point.Index):0.0},{Y(point.Value, scale):0.0}")));
        var dashes = line.Dashes is null ? "" : $" stroke-dasharray=\"{line.Dashes}\"";
        _svg.Append(Invariant($"""<polyline fill="none" stroke="{line.Colour}" stroke-width="{line.Width}" stroke-linejoin="round"{dashes} points="{points}"/>""")).Append('\n');
    }

    private void Legend(List<Series> series)
    {
        var x = Left;
        foreach (var line in series.AsEnumerable().Reverse())
        {
            var dashes = line.Dashes is null ? "" : $" stroke-dasharray=\"{line.Dashes}\"";
            _svg.Append(Invariant($"""<line x1="{x}" y1="46" x2="{x + 28}" y2="46" stroke="{line.Colour}" stroke-width="{line.Width}"{dashes}/>""")).Append('\n');
            Text(x + 34, 50, line.Name, "");
            x += 60 + (line.Name.Length * 7);
        }
    }

    private double X(int index) => Left + ((Width - Left - Right) * index / Math.Max(1, comparison.Rows.Count - 1));

    private static double Y(double value, Scale scale) => Height - Bottom - ((Height - Top - Bottom) * (value - scale.Low) / (scale.High - scale.Low));

    private void Text(double x, double y, string text, string attributes) =>
        _svg.Append(Invariant($"""<text x="{x:0.0}" y="{y:0.0}" {attributes}>{System.Security.SecurityElement.Escape(text)}</text>""")).Append('\n');

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed record Series(string Name, string Colour, string? Dashes, double Width, List<(int Index, double Value)> Points);
}
