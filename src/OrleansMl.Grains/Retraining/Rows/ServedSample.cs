using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>
/// A uniform sample of the vectors that were served last, with a truth or without: what the rows of a training are held against. It is a
/// data set, so that the next attempt, a repeat and whoever wants to see it have the same.
/// </summary>
internal sealed class ServedSample(RetrainPlan plan, IJobContext context, RetrainServices services)
{
    /// <summary>Of the result of a job.</summary>
    public const string Member = "served";

    /// <summary>Vectors, at most.</summary>
    public const int Capacity = 5000;

    /// <summary>The newest predictions, of which it is a sample.</summary>
    public const int Newest = 20_000;

    private const int PageRows = 500;

    /// <summary>What to look at, though it is no failure.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The sample as the work reads it; null: too little was served, or nothing is validated.</summary>
    /// <param name="before">Of an earlier attempt; null: it had none.</param>
    public async Task<ServedRows?> WriteAsync(ServedRows? before)
    {
        if (plan.Validate is null || await DatasetAsync(before) is not { } dataset)
            return null;
        var name = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.served");
        await using var file = services.Datasets.CreateScratch(name);
        using var writer = new RowsWriter(file, plan.Model.Schema);
        await foreach (var page in new DatasetRows(plan.Model, null, dataset, services.Datasets, services.Options.MaxRowBytes).ReadAsync(context.Cancellation))
        {
            foreach (var row in page)
                writer.Add(new LabelledRow(plan.Model.ToRow(row.Vector), row.Label, row.Weight, row.Made, row.Known));
        }

        return new ServedRows(dataset.Id, dataset.Rows, name, writer.Complete());
    }

    private async Task<DatasetRecord?> DatasetAsync(ServedRows? before)
    {
        if (before is not null && await services.Datasets.FindAsync(before.Dataset, context.Cancellation) is { } known)
            return known;
        if (await services.RepeatedAsync(context.Spec, context.Cancellation) is not { } repeated)
            return await TakeAsync();
        if (!repeated.TryGetProperty(Member, out var served) || served.ValueKind != JsonValueKind.Object)
            return null;
        var id = served.GetProperty("dataset").GetString()!;
        var dataset = await services.Datasets.FindAsync(id, context.Cancellation);
        if (dataset is null)
            Warnings.Add($"The data set '{id}' of rows that had been served is gone; the rows are not held against it as in job {context.Spec.RepeatOf}.");
        return dataset;
    }

    private async Task<DatasetRecord?> TakeAsync()
    {
        var sample = new Sample<PredictionRecord>(Capacity, plan.Seed);
        var filter = new PredictionFilter { Model = plan.Model.Name, NewestFirst = true, Limit = PageRows };
        for (var read = 0; read < Newest;)
        {
            var page = await services.Predictions.ListAsync(filter, context.Cancellation);
            if (page.Count == 0)
                break;

            // Another lineage had other columns.
            foreach (var record in page.Where(record => record.Lineage == plan.Model.Lineage))
                sample.Add(record);
            read += page.Count;
            filter = filter with { After = page[^1].PredictionId };
        }

        if (sample.Items.Count < DataValidation.LeastServed)
            return null;
        sample.Items.Sort((one, other) => string.CompareOrdinal(one.PredictionId, other.PredictionId));
        await context.LogAsync("information", string.Create(CultureInfo.InvariantCulture, $"The rows are held against {sample.Items.Count} of the newest {sample.Seen} predictions."));
        return await StoreAsync(sample.Items);
    }

    private async Task<DatasetRecord> StoreAsync(List<PredictionRecord> records)
    {
        var scratch = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.sample");
        long bytes;
        await using (var file = services.Datasets.CreateScratch(scratch))
        {
            await using (var writer = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" })
            {
                var csv = new VectorCsv(plan, hasTruth: false);
                await writer.WriteLineAsync(csv.Header(), context.Cancellation);
                foreach (var record in records)
                {
                    var row = new SourceRow(VersionScorer.ToVector(plan.Model, VectorCodec.Decode(record.Vector)), 0, record.Created, record.Created, record);
                    await writer.WriteLineAsync(csv.Line(row), context.Cancellation);
                }
            }

            bytes = file.Length;
        }

        var dataset = await JobParts.StoreAsync(context, services.Datasets, [new PartExtent(scratch, bytes)], DatasetFormats.Csv, records.Count, plan.Model.Name + ".served.csv", "-served");
        services.Datasets.DeleteScratch(scratch);
        return dataset;
    }
}
