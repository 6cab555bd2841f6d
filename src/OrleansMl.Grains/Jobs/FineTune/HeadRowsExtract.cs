using OrleansMl.Datasets;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Jobs.FineTune;

/// <summary>Writes the rows of a data set as the network takes them, for the process that learns.</summary>
internal sealed class HeadRowsExtract(FineTunePlan plan, IJobContext context, FineTuneServices services)
{
    /// <summary>Rows that are written at once.</summary>
    private const int PageRows = 256;

    /// <summary>Rows without a label so far.</summary>
    public long Skipped { get; private set; }

    /// <param name="dataset">Its columns fit the plan.</param>
    /// <param name="scratch">Name of the file.</param>
    /// <param name="report">Hears how many of its rows are read.</param>
    /// <exception cref="JobErrorException">A row cannot be learned, with its line; or too few have a label.</exception>
    /// <exception cref="DataFaultException">The file is not what its format says.</exception>
    public async Task<ExtractedRows> WriteAsync(DatasetRecord dataset, string scratch, Action<long> report)
    {
        var inputs = plan.InputsOf(HeadInputs.Columns(dataset, plan.Parameters, plan.Input.Name, plan.Width).Value);
        var width = checked((int)plan.Width);
        var rows = Math.Clamp((1 << 20) / width, 1, PageRows);
        var (numbers, labels) = (new float[rows * width], new double[rows]);
        var (count, kept) = (0, 0L);
        await using (var file = services.Datasets.CreateScratch(scratch))
        {
            using var reader = await RowReader.OpenAsync(services.Datasets, dataset, services.Options.MaxRowBytes, context.Cancellation);
            while (await reader.NextAsync(context.Cancellation))
            {
                if (!inputs.TryRead(reader, numbers.AsSpan(count * width, width), out labels[count]))
                {
                    Skipped++;
                    continue;
                }

                if (++count < rows)
                    continue;
                Flush(file);
                report(reader.Place.Row);
            }

            Flush(file);
            file.Flush(flushToDisk: true);
        }

        return kept >= 2
            ? new ExtractedRows(scratch, WorkJournal.HashOfFile(services.Datasets.PathOf(scratch)), kept)
            : throw new JobErrorException(OmlError.Invalid($"Data set '{dataset.Id}' has {kept} rows with a value of '{plan.Parameters.Label}'; at least 2 are needed.", "too_few_rows"));

        void Flush(Stream file)
        {
            if (count > 0)
                VectorFile.Write(file, labels.AsSpan(0, count), numbers.AsSpan(0, count * width));
            (kept, count) = (kept + count, 0);
        }
    }
}
