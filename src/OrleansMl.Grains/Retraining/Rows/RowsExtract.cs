using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>Writes the rows of a data set as the work reads them, and looks at them on the way.</summary>
internal sealed class RowsExtract(RetrainPlan plan, DatasetRecord dataset, IDatasetStore datasets, int maxRowBytes)
{
    /// <summary>Rows without a truth.</summary>
    public long WithoutLabel { get; private set; }

    /// <summary>What the data set lacks.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <exception cref="JobErrorException">A row cannot be read.</exception>
    /// <exception cref="Datasets.DataFaultException">The file is not what its format says.</exception>
    public async Task<RowsFile> WriteAsync(IJobContext context, Action<double> report)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.rows");
        var source = new DatasetRows(plan.Model, plan.Label, dataset, datasets, maxRowBytes, LogExtract.ColumnsOf(plan, dataset));
        var profiler = new RowProfiler(plan);
        string hash;
        await using (var file = datasets.CreateScratch(name))
        {
            using var writer = new RowsWriter(file, plan.Model.Schema);
            await foreach (var page in source.ReadAsync(context.Cancellation))
            {
                foreach (var row in page)
                {
                    profiler.Add(row);
                    writer.Add(new LabelledRow(plan.Model.ToRow(row.Vector), row.Label, row.Weight, row.Made, row.Known));
                }

                report(source.Fraction ?? 0);
            }

            hash = writer.Complete();
        }

        WithoutLabel = source.Skipped.GetValueOrDefault("withoutLabel");
        Warnings = source.Warnings;
        return new RowsFile(name, hash, profiler.Build());
    }
}
