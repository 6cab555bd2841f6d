using System.Globalization;
using System.Text;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Evaluations;
using OrleansMl.Wire;

namespace OrleansMl.Retraining;

/// <summary>
/// Lines of CSV of logged predictions: the prediction's id and its times where the model has no columns of these names, the truth where
/// it is asked for, and the vector as served.
/// </summary>
/// <param name="plan">Whose model.</param>
/// <param name="hasTruth">With the truth and when it came.</param>
internal sealed class VectorCsv(RetrainPlan plan, bool hasTruth)
{
    public const string IdColumn = "predictionId";
    public const string MadeColumn = "predictedAt";
    public const string KnownColumn = "labelledAt";

    private readonly string[] _beside = [.. (hasTruth ? new[] { IdColumn, MadeColumn, KnownColumn } : [IdColumn, MadeColumn]).Where(name => IsFree(plan, name))];
    private readonly StringBuilder _line = new();

    /// <summary>Neither the truth nor a column of the model is called so.</summary>
    public static bool IsFree(RetrainPlan plan, string name) => name != plan.Target.Name && plan.Model.Definition.Columns.All(column => column.Name != name);

    /// <summary>The first line; it holds until the next is asked for.</summary>
    public StringBuilder Header()
    {
        _line.Clear();
        foreach (var name in _beside.Concat(hasTruth ? [plan.Target.Name] : []).Concat(plan.Model.Definition.Columns.Select(column => column.Name)))
            Append(name);
        return Ended();
    }

    /// <summary>A row of the log; it holds until the next is asked for.</summary>
    public StringBuilder Line(in SourceRow row)
    {
        _line.Clear();
        foreach (var name in _beside)
            Append(name switch { IdColumn => row.Record!.PredictionId, MadeColumn => Text(row.Made), _ => Text(row.Known) });
        if (hasTruth)
            Append(plan.Target.FromLabel(row.Label).AsText()!);
        for (var i = 0; i < row.Vector.Length; i++)
            Append(plan.Model.Definition.Columns[i].IsCategorical ? row.Vector[i].AsText() ?? "" : Text(row.Vector[i].AsNumber()));
        return Ended();
    }

    private void Append(string cell) => _line.Append(CsvText.Of(cell)).Append(',');

    private StringBuilder Ended()
    {
        _line.Length--;
        return _line;
    }

    private static string Text(double number) => double.IsNaN(number) ? "" : number.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(DateTime time)
    {
        Span<char> text = stackalloc char[40];
        return text[..Rfc3339.Format(time, text)].ToString();
    }
}
