using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.Uploads;

/// <summary>
/// One attempt at taking a file in: batch after batch, in the order of the rows, with a checkpoint now and then. What an attempt did
/// after its last checkpoint is done again by the next one, and ids that hang on data set and row make that no second time.
/// </summary>
internal sealed class UploadRun(IJobContext context, RowIntake intake, UploadParams parameters, DatasetRecord dataset, IDatasetStore datasets, JobOptions options, JobInstruments instruments)
{
    private const string ApplyStep = "apply";
    private const string FaultsStep = "faults";

    /// <summary>Rows in one go: enough for commits to be shared, few enough that memory holds them and a cancel is soon seen.</summary>
    private const int BatchRows = 500;

    private readonly FaultWriter _writer = new(dataset.Format);
    private UploadCheckpoint _at = context.Checkpoint is { } saved ? UploadCheckpoint.Read(saved) : UploadCheckpoint.Start;
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The id of a row that has none of its own: the same in every attempt, and in every job about the same data set.</summary>
    public static string IdOf(string dataset, long row) => string.Create(CultureInfo.InvariantCulture, $"upload:{dataset}:{row}");

    /// <summary>Answers with the job's result.</summary>
    public async Task<string> RunAsync()
    {
        if (!_at.IsApplied)
            await ApplyAsync();
        if (_at.Faults is null && _at.Count(RowFate.Rejected) > 0)
            await StoreFaultsAsync();
        var faults = _at.Faults is { } id ? await datasets.FindAsync(id) ?? throw new InvalidDataException($"The faults '{id}' of job '{context.JobId}' are not there.") : null;
        var result = new Dictionary<string, object?>
        {
            ["rows"] = _at.Place.Row,
            ["counts"] = _at.Counts,
            ["rejected"] = _at.Count(RowFate.Rejected),
            ["faults"] = faults is null ? null : new Dictionary<string, object> { ["dataset"] = faults.Id, ["rows"] = faults.Rows, ["hash"] = faults.Hash, ["format"] = faults.Format },
        };
        return JsonSerializer.Serialize(result);
    }

    private async Task ApplyAsync()
    {
        var own = JobParts.NameOf(context);
        await using var part = datasets.CreateScratch(own);
        using var reader = await RowReader.OpenAsync(datasets, dataset, options.MaxRowBytes, _at.Place, _at.Header, context.Cancellation);
        _at = _at with { Header = reader.Header };
        if (_at.Extents.IsEmpty)
            _writer.WriteHeader();
        _at = _at with { Extents = _at.Extents.Add(new PartExtent(own, 0)) };
        await context.LogAsync("information", string.Create(CultureInfo.InvariantCulture, $"Taking in {parameters.Kind} of data set '{dataset.Id}' from row {_at.Place.Row + 1} of {dataset.Rows}."));
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var rows = await reader.NextAsync(BatchRows, context.Cancellation);
            if (rows.Count == 0)
                break;
            Count(rows, await intake.TakeAsync(rows, context.Cancellation), part);
            _at = _at with { Place = reader.Place };
            context.Report(ApplyStep, (double)_at.Place.Offset / dataset.Bytes, Metrics());
            if (Stopwatch.GetElapsedTime(_last) >= options.CheckpointEvery)
                await SaveAsync(part);
        }

        _at = _at with { IsApplied = true };
        await SaveAsync(part);
    }

    private void Count(List<NumberedRow> rows, RowFate[] fates, FileStream part)
    {
        var counts = _at.Counts.ToBuilder();
        for (var i = 0; i < fates.Length; i++)
        {
            counts[fates[i].Status] = counts.GetValueOrDefault(fates[i].Status) + 1;
            if (fates[i].Fault is not null)
                _writer.Write(rows[i].Number, rows[i].Line, fates[i]);
        }

        foreach (var group in fates.GroupBy(f => f.Status))
            instruments.Uploaded(parameters.Kind, group.Key, group.Count());
        _at = _at with
        {
            Counts = counts.ToImmutable(),
            Extents = PartExtent.Grow(_at.Extents, _writer.Flush(part)),
        };
    }

    private ImmutableSortedDictionary<string, double> Metrics() => _at.Counts.ToImmutableSortedDictionary(c => c.Key, c => (double)c.Value)
        .SetItem("rows", _at.Place.Row).SetItem("rowsTotal", dataset.Rows).SetItem("bytes", _at.Place.Offset).SetItem("bytesTotal", dataset.Bytes);

    private async Task SaveAsync(FileStream part)
    {
        part.Flush(flushToDisk: true);
        await context.SaveAsync(ApplyStep, _at.ToBytes());
        _last = Stopwatch.GetTimestamp();
    }

    private async Task StoreFaultsAsync()
    {
        context.Report(FaultsStep, 1, Metrics());
        var name = $"{Path.GetFileNameWithoutExtension(dataset.Name ?? dataset.Id)}.faults.{dataset.Format}";
        var record = await JobParts.StoreAsync(context, datasets, _at.Extents, dataset.Format, _at.Count(RowFate.Rejected), name);
        _at = _at with { Faults = record.Id };
        await context.SaveAsync(FaultsStep, _at.ToBytes());
    }
}
