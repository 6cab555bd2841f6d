using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Jobs.BatchPredict;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Retraining;

/// <summary>
/// Logged predictions with their truths as a data set of CSV: the columns of the vector as served, the truth, and where the model has no
/// columns of these names the prediction's id and the two times. It holds all that a training needs, so that the same can be done again.
/// </summary>
internal sealed class LogExtract(RetrainPlan plan, IPredictionLog predictions, IDatasetStore datasets)
{
    public const string IdColumn = "predictionId";
    public const string MadeColumn = "predictedAt";
    public const string KnownColumn = "labelledAt";

    private readonly string[] _beside = [.. new[] { IdColumn, MadeColumn, KnownColumn }.Where(name => IsFree(plan, name))];

    /// <summary>Columns of times that a data set has for a model, as an extract of the log does.</summary>
    public static RowColumns ColumnsOf(RetrainPlan plan, DatasetRecord dataset) =>
        new(Find(plan, dataset, MadeColumn), Find(plan, dataset, KnownColumn), plan.Parameters.Weight);

    /// <summary>Predictions that were passed over, by why.</summary>
    public ImmutableSortedDictionary<string, long> Skipped { get; private set; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Writes the data set, durable when it returns; null: there are no rows.</summary>
    public async Task<DatasetRecord?> WriteAsync(IJobContext context, Action<int> report)
    {
        var scratch = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.extract");
        var source = new LogRows(plan.Model, predictions, plan.Window.From, plan.Window.To);
        var rows = 0;
        long bytes;
        await using (var file = datasets.CreateScratch(scratch))
        {
            await using (var writer = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" })
            {
                var line = new StringBuilder();
                foreach (var name in _beside.Append(plan.Target.Name).Concat(plan.Model.Definition.Columns.Select(column => column.Name)))
                    Append(line, name);
                await writer.WriteLineAsync(line, context.Cancellation);
                await foreach (var page in source.ReadAsync(context.Cancellation))
                {
                    foreach (var row in page)
                    {
                        Write(line.Clear(), row);
                        await writer.WriteLineAsync(line, context.Cancellation);
                    }

                    report(rows += page.Count);
                }
            }

            bytes = file.Length;
        }

        Skipped = source.Skipped.ToImmutableSortedDictionary(StringComparer.Ordinal);
        var record = rows == 0 ? null : await JobParts.StoreAsync(context, datasets, [new ScoringExtent(scratch, bytes)], DatasetFormats.Csv, rows, plan.Model.Name + ".csv");
        datasets.DeleteScratch(scratch);
        return record;
    }

    private void Write(StringBuilder line, in SourceRow row)
    {
        foreach (var name in _beside)
            Append(line, name switch { IdColumn => row.Record!.PredictionId, MadeColumn => Text(row.Made), _ => Text(row.Known) });
        Append(line, plan.Target.FromLabel(row.Label).AsText()!);
        for (var i = 0; i < row.Vector.Length; i++)
            Append(line, plan.Model.Definition.Columns[i].IsCategorical ? row.Vector[i].AsText() ?? "" : Text(row.Vector[i].AsNumber()));
    }

    private static void Append(StringBuilder line, string cell)
    {
        if (line.Length > 0)
            line.Append(',');
        line.Append(CsvText.Of(cell));
    }

    private static string Text(double number) => double.IsNaN(number) ? "" : number.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(DateTime time)
    {
        Span<char> text = stackalloc char[40];
        return text[..Rfc3339.Format(time, text)].ToString();
    }

    private static bool IsFree(RetrainPlan plan, string name) => name != plan.Target.Name && plan.Model.Definition.Columns.All(column => column.Name != name);

    private static string? Find(RetrainPlan plan, DatasetRecord dataset, string name) =>
        IsFree(plan, name) && dataset.Columns.Any(column => column.Name == name) ? name : null;
}
