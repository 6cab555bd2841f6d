using System.Globalization;
using OrleansMl.Datasets;
using OrleansMl.Storage;

namespace OrleansMl.Jobs;

/// <summary>What attempts of a job wrote, put together into a data set.</summary>
internal static class JobParts
{
    /// <summary>Name of the scratch file that an attempt writes.</summary>
    public static string NameOf(IJobContext context) => string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.part");

    /// <summary>Stores it; durable when it returns. The attempt's number is part of its id, so that two attempts never name the same.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="datasets">Where the parts are, and the data set will be.</param>
    /// <param name="extents">The parts in order: how much of each attempt's file counts.</param>
    /// <param name="format">csv | ndjson.</param>
    /// <param name="rows">How many they must have.</param>
    /// <param name="name">Of the file; null: it has none.</param>
    /// <param name="part">What it is, where the attempt makes several: the end of its id.</param>
    public static async Task<DatasetRecord> StoreAsync(IJobContext context, IDatasetStore datasets, IReadOnlyList<PartExtent> extents, string format, long rows, string? name, string part = "")
    {
        var scratch = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.result");
        DatasetRecord record;
        await using (var file = datasets.CreateScratch(scratch))
        {
            await using var parts = new ConcatenatedStream(extents.Select(e => (Open: (Func<Stream>)(() => datasets.OpenScratch(e.File)), e.Bytes)));
            await using var taken = new TakenStream(parts, file, long.MaxValue);
            using var reader = RowReader.Open(format, taken, int.MaxValue);
            await reader.ReadHeaderAsync(context.Cancellation);
            var schema = new SchemaBuilder(reader.Header);
            while (await reader.NextAsync(context.Cancellation))
                schema.AddRow(reader);
            if (schema.Rows != rows)
                throw new InvalidDataException($"What job '{context.JobId}' wrote has {schema.Rows} rows; there must be {rows}.");
            record = new DatasetRecord
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}-{context.Attempt}{part}"),
                Format = format,
                Rows = schema.Rows,
                Bytes = taken.Taken,
                Hash = taken.Hash(),
                Columns = schema.Build(),
                Created = context.Clock.GetUtcNow().UtcDateTime,
                Job = context.JobId,
                Kind = context.Spec.Kind,
                Model = context.Spec.Model,
                Name = name,
            };
        }

        await datasets.CommitAsync(record, scratch, context.Cancellation);
        return record;
    }
}
