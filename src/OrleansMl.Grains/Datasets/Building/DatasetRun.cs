using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Datasets.Building;

/// <summary>
/// One attempt at making a data set: writes rows to a scratch file of its own, saves now and then how far it has come, and puts what
/// the attempts wrote together. A checkpoint comes after the bytes it counts are on disk.
/// </summary>
internal abstract class DatasetRun(IJobContext context, string format, string? name, IDatasetStore datasets, JobOptions options)
{
    private const string StoreStep = "store";

    private long _last = Stopwatch.GetTimestamp();

    protected BuildCheckpoint At { get; set; } = context.Checkpoint is { } saved ? BuildCheckpoint.Read(saved) : BuildCheckpoint.Start;

    protected IJobContext Context => context;

    /// <summary>Where it is while it reads.</summary>
    protected abstract string Step { get; }

    /// <summary>Share that has been read, 0 to 1; null: not known.</summary>
    protected abstract double? Fraction { get; }

    /// <summary>Names of the columns in order.</summary>
    protected abstract ImmutableArray<string> Columns { get; }

    /// <summary>Answers with the job's result.</summary>
    /// <exception cref="JobErrorException">A row cannot be made, or there is none.</exception>
    public async Task<string> RunAsync()
    {
        if (At.Dataset is null)
        {
            await WriteAsync();
            if (At.Rows == 0)
                throw new JobErrorException(new OmlError("no_rows", 422, $"No row was found{Why()}; widen the window, or wait for outcomes."));
            context.Report(StoreStep, 0.95, Metrics());
            var record = await JobParts.StoreAsync(context, datasets, At.Extents, format, At.Rows, name);
            At = At with { Dataset = record.Id };
            await context.SaveAsync(StoreStep, At.ToBytes());
        }

        var made = await datasets.FindAsync(At.Dataset!) ?? throw new InvalidDataException($"The data set '{At.Dataset}' of job '{context.JobId}' is not there.");
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["dataset"] = made.Id,
            ["rows"] = made.Rows,
            ["bytes"] = made.Bytes,
            ["hash"] = made.Hash,
            ["format"] = made.Format,
            ["skipped"] = At.Skipped,
        });
    }

    /// <summary>Rows after the checkpoint, in pieces; each piece ends where another attempt can go on, and says so.</summary>
    protected abstract IAsyncEnumerable<(IReadOnlyList<Cell[]> Rows, BuildCheckpoint After)> ReadAsync();

    private async Task WriteAsync()
    {
        var own = JobParts.NameOf(context);
        await using var part = datasets.CreateScratch(own);
        var writer = new DatasetWriter(format, Columns);
        if (At.Extents.IsEmpty)
            writer.WriteHeader();
        At = At with { Extents = At.Extents.Add(new PartExtent(own, writer.Flush(part))) };
        await foreach (var (rows, after) in ReadAsync())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            foreach (var row in rows)
                writer.Write(row);
            At = after with
            {
                Extents = PartExtent.Grow(At.Extents, writer.Flush(part)),
                Rows = At.Rows + rows.Count,
            };
            context.Report(Step, 0.95 * Fraction, Metrics());
            if (Stopwatch.GetElapsedTime(_last) >= options.CheckpointEvery)
                await SaveAsync(part);
        }

        await SaveAsync(part);
    }

    private async Task SaveAsync(FileStream part)
    {
        part.Flush(flushToDisk: true);
        await context.SaveAsync(Step, At.ToBytes());
        _last = Stopwatch.GetTimestamp();
    }

    private ImmutableSortedDictionary<string, double> Metrics() =>
        At.Skipped.ToImmutableSortedDictionary(s => "skipped." + s.Key, s => (double)s.Value).SetItem("rows", At.Rows);

    private string Why() => At.Skipped.IsEmpty ? "" : $" ({string.Join(", ", At.Skipped.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Value} {s.Key}")))})";
}
