using System.Globalization;
using System.Text;
using OrleansMl.Datasets;
using OrleansMl.Gateway.Json;
using OrleansMl.Services;

namespace OrleansMl.Gateway.Api;

/// <summary>
/// Predictions of one model as CSV: a row each, with the columns of the vector as served. A vector's column that has the name of another
/// column here is called <c>vector.NAME</c>.
/// </summary>
internal sealed class PredictionCsv
{
    private static readonly string[] s_columns =
        ["predictionId", "time", "model", "version", "revision", "entity", "score", "label", "truth", "state", "source", "propensity"];

    private readonly string[] _vector;

    /// <param name="first">The first prediction: its vector's columns are those of the file.</param>
    public PredictionCsv(LoggedPrediction? first) => _vector = first is null ? [] : [.. first.Vector.Select(f => f.Name)];

    public void WriteHeader(PooledBuffer buffer) =>
        WriteLine(buffer, [.. s_columns, .. _vector.Select(name => s_columns.Contains(name) ? "vector." + name : name)]);

    /// <summary>Columns that the prediction's vector lacks are empty.</summary>
    public void Write(PooledBuffer buffer, LoggedPrediction logged)
    {
        var record = logged.Record;
        var vector = logged.Vector.ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal);
        WriteLine(buffer,
        [
            record.PredictionId,
            Time(record.Time),
            record.Model,
            record.Version == 0 ? "" : record.Version.ToString(CultureInfo.InvariantCulture),
            record.LearnerRevision?.ToString(CultureInfo.InvariantCulture) ?? "",
            logged.Entity?.ToString() ?? "",
            Number(logged.Answer?.Score ?? record.Score),
            logged.Answer?.Label ?? "",
            Text(logged.Label),
            PredictionJson.NameOf(record.State),
            record.OutcomeSource ?? "",
            Number(record.Propensity),
            .. _vector.Select(name => vector.TryGetValue(name, out var value) ? Text(value) : ""),
        ]);
    }

    private static void WriteLine(PooledBuffer buffer, IReadOnlyList<string> cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0)
                buffer.Write(","u8);
            Encoding.UTF8.GetBytes(CsvText.Of(cells[i]), buffer);
        }

        buffer.Write("\n"u8);
    }

    private static string Number(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static string Text(Scalar value) => value.Kind switch
    {
        ScalarKind.Missing => "",
        ScalarKind.Number => value.AsNumber().ToString("R", CultureInfo.InvariantCulture),
        ScalarKind.Bool => value.AsNumber() != 0 ? "true" : "false",
        _ => value.AsText() ?? "",
    };
}
