using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansMl.Datasets;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Retraining;

/// <summary>
/// Logged predictions with their truths as a data set of CSV: the columns of the vector as served, the truth, and where the model has no
/// columns of these names the prediction's id and the two times. It holds all that a training needs, so that the same can be done again.
/// </summary>
internal sealed class LogExtract(RetrainPlan plan, IPredictionLog predictions, IDatasetStore datasets)
{
    /// <summary>Columns of times that a data set has for a model, as an extract of the log does.</summary>
    public static RowColumns ColumnsOf(RetrainPlan plan, DatasetRecord dataset) =>
        new(Find(plan, dataset, VectorCsv.MadeColumn), Find(plan, dataset, VectorCsv.KnownColumn), plan.Parameters.Weight);

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
                var csv = new VectorCsv(plan, hasTruth: true);
                await writer.WriteLineAsync(csv.Header(), context.Cancellation);
                await foreach (var page in source.ReadAsync(context.Cancellation))
                {
                    foreach (var row in page)
                        await writer.WriteLineAsync(csv.Line(row), context.Cancellation);
                    report(rows += page.Count);
                }
            }

            bytes = file.Length;
        }

        Skipped = source.Skipped.ToImmutableSortedDictionary(StringComparer.Ordinal);
        var record = rows == 0 ? null : await JobParts.StoreAsync(context, datasets, [new PartExtent(scratch, bytes)], DatasetFormats.Csv, rows, plan.Model.Name + ".csv");
        datasets.DeleteScratch(scratch);
        return record;
    }

    private static string? Find(RetrainPlan plan, DatasetRecord dataset, string name) =>
        VectorCsv.IsFree(plan, name) && dataset.Columns.Any(column => column.Name == name) ? name : null;
}
