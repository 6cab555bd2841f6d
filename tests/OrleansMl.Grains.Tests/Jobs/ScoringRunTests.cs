using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Jobs.BatchPredict;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>Scoring a file in attempts that are cut off, over the real store of data sets.</summary>
public sealed class ScoringRunTests : IAsyncLifetime
{
    private const int Tests = 60;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "oml-scoring-" + Guid.NewGuid().ToString("n"));
    private readonly JobInstruments _instruments = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
    private EmbeddedStore _store = null!;

    public async Task InitializeAsync() => _store = await EmbeddedStore.OpenAsync(new EmbeddedStoreOptions { DataFolder = _folder, Durability = StoreDurability.Process }, TimeProvider.System);

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Wherever_attempts_are_cut_off_the_result_has_every_row_once_in_order()
    {
        var cases =
            from rows in Gen.Choose(1, 60)
            from batch in Gen.Choose(1, 9)
            from inFlight in Gen.Choose(1, 4)
            from format in Gen.Elements("csv", "ndjson")
            from cuts in Gen.ArrayOf(Gen.Choose(0, 6))
            from lost in Gen.Elements(true, false)
            select (rows, batch, inFlight, format, cuts: cuts.Take(8).ToArray(), lost);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Tests), Prop.ForAll(cases.ToArbitrary(), c => HoldsAsync(c.rows, c.batch, c.inFlight, c.format, c.cuts, c.lost).GetAwaiter().GetResult()));
    }

    [Fact]
    public async Task A_row_that_cannot_be_scored_has_its_error_in_place_or_ends_the_job()
    {
        var dataset = await UploadAsync(9);
        var recorded = new Cuts();
        var result = await RunAsync(recorded, dataset, new TimesTwo(2) { Refused = 4 }, new BatchPredictParams(), 2);
        Assert.True(result.IsSuccess, result.Error?.Detail);
        var lines = Encoding.UTF8.GetString(await ContentAsync(recorded)).Split('\n');
        Assert.Equal("4,,odd: the number is 4", lines[4]);
        Assert.Equal("5,10,", lines[5]);

        var failed = await RunAsync(new Cuts(), dataset, new TimesTwo(2) { Refused = 4 }, new BatchPredictParams { FailsOnError = true }, 2);
        Assert.Equal((422, "row_failed", 5), (failed.Error!.Status, failed.Error.Code, failed.Error.Faults[0].Line));
        Assert.Contains("Row 4 (line 5)", failed.Error.Detail, StringComparison.Ordinal);
    }

    /// <summary>The same job without a cut, and with cuts: equal bytes.</summary>
    private async Task<bool> HoldsAsync(int rows, int batch, int inFlight, string format, int[] cuts, bool lost)
    {
        var dataset = await UploadAsync(rows);
        var parameters = new BatchPredictParams { Format = format, Keep = ["x"] };
        var whole = new Cuts();
        var expected = await RunAsync(whole, dataset, new TimesTwo(batch), parameters, inFlight);
        Assert.True(expected.IsSuccess, expected.Error?.Detail);

        var cut = new Cuts();
        foreach (var after in cuts)
        {
            // Dies at a checkpoint: before it is stored, or after, when its caller is not told.
            cut.Begin(after, lost);
            var died = await Record.ExceptionAsync(() => RunAsync(cut, dataset, new TimesTwo(batch), parameters, inFlight));
            if (died is null)
                break;
            Assert.IsType<Cuts.Killed>(died);
            // What a killed process had written beyond its last checkpoint.
            foreach (var part in Directory.EnumerateFiles(Path.Combine(_folder, "datasets", "work"), cut.JobId + ".*"))
                await File.AppendAllTextAsync(part, "rows that nobody counted\n");
        }

        cut.Begin(int.MaxValue, false);
        Assert.True((await RunAsync(cut, dataset, new TimesTwo(batch), parameters, inFlight)).IsSuccess);
        Assert.Equal(await ContentAsync(whole), await ContentAsync(cut));
        Assert.Equal(Enumerable.Range(1, rows), await RowsOfAsync(cut, format));
        return true;
    }

    private Task<OmlResult<string>> RunAsync(Cuts context, DatasetRecord dataset, IRowScorer scorer, BatchPredictParams parameters, int inFlight)
    {
        var options = new JobOptions { CheckpointEvery = TimeSpan.Zero, BatchesInFlight = inFlight };
        return new ScoringRun(context, scorer, parameters, dataset, _store.Datasets, options, _instruments).RunAsync();
    }

    private async Task<byte[]> ContentAsync(Cuts context)
    {
        var record = await _store.Datasets.FindAsync(context.Result!);
        await using var content = _store.Datasets.OpenContent(record!);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes);
        Assert.Equal(record!.Hash, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.ToArray())));
        return bytes.ToArray();
    }

    private async Task<IEnumerable<int>> RowsOfAsync(Cuts context, string format)
    {
        using var reader = RowReader.Open(format, new MemoryStream(await ContentAsync(context)), 1 << 20);
        await reader.ReadHeaderAsync(default);
        var numbers = new List<int>();
        while (await reader.NextAsync(default))
            numbers.Add(reader.ToRow()["row"] is { Text: { } text } ? int.Parse(text, CultureInfo.InvariantCulture) : (int)reader.ToRow()["row"].Number);
        return numbers;
    }

    private async Task<DatasetRecord> UploadAsync(int rows)
    {
        var bytes = Encoding.UTF8.GetBytes("x\n" + string.Join('\n', Enumerable.Range(1, rows)));
        var id = Guid.NewGuid().ToString("n");
        await using (var file = _store.Datasets.CreateScratch(id))
            await file.WriteAsync(bytes);
        var record = new DatasetRecord { Id = id, Format = "csv", Rows = rows, Bytes = bytes.Length, Hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), Created = DateTime.UnixEpoch };
        await _store.Datasets.CommitAsync(record, id);
        return record;
    }

    /// <summary>y = 2x, answered out of order.</summary>
    private sealed class TimesTwo(int batch) : IRowScorer
    {
        private int _calls;

        public int? Refused { get; init; }

        public int BatchRows => batch;

        public ImmutableArray<ResultColumn> Columns => [new(null, "y")];

        public async Task<RowResult[]> ScoreAsync(IReadOnlyList<NumberedRow> rows, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _calls) % 3 != 0)
                await Task.Yield();
            return [.. rows.Select(r =>
            {
                var x = int.Parse(r.Values["x"].Text!, CultureInfo.InvariantCulture);
                return x == Refused ? (RowResult)OmlError.Invalid($"the number is {x}", "odd") : (Cell[])[Cell.Of(2.0 * x)];
            })];
        }
    }

    /// <summary>A job whose attempts die at a chosen checkpoint.</summary>
    private sealed class Cuts : IJobContext
    {
        private int _left = int.MaxValue;
        private bool _isLost;

        public string JobId { get; } = Guid.NewGuid().ToString("n");

        public int Attempt { get; private set; } = 1;

        public JobSpec Spec { get; } = new() { Kind = "batchPredict", Model = "m" };

        public TimeProvider Clock => TimeProvider.System;

        public string? Step { get; private set; }

        public ReadOnlyMemory<byte>? Checkpoint { get; private set; }

        public CancellationToken Cancellation => default;

        /// <summary>Id of the result, out of the last checkpoint.</summary>
        public string? Result => Checkpoint is { } saved ? ScoringCheckpoint.Read(saved).Dataset : null;

        /// <param name="after">Checkpoints that go well before it dies.</param>
        /// <param name="isLost">The one at which it dies is not stored.</param>
        public void Begin(int after, bool isLost)
        {
            Attempt++;
            (_left, _isLost) = (after, isLost);
        }

        public void Report(string step, double? fraction, ImmutableSortedDictionary<string, double> metrics) => Assert.InRange(fraction ?? 0, 0, 1);

        public Task SaveAsync(string step, ReadOnlyMemory<byte> checkpoint)
        {
            var dies = _left-- == 0;
            if (!dies || !_isLost)
                (Step, Checkpoint) = (step, checkpoint.ToArray());
            return dies ? throw new Killed() : Task.CompletedTask;
        }

        public Task LogAsync(string level, string text) => Task.CompletedTask;

        public sealed class Killed : Exception;
    }
}
