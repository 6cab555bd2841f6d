using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>
/// One attempt at scoring a file: reads rows, keeps a few batches in flight, writes results in the order of the rows to a scratch file of its
/// own, and saves now and then how far it has come. A checkpoint comes after the bytes it counts are on disk.
/// </summary>
internal sealed class ScoringRun
{
    private const string ScoreStep = "score";
    private const string ResultStep = "result";

    /// <summary>Share of the progress that is scoring; the rest is putting the result together.</summary>
    private const double ScoreShare = 0.95;

    private readonly IJobContext _context;
    private readonly IRowScorer _scorer;
    private readonly BatchPredictParams _parameters;
    private readonly DatasetRecord _dataset;
    private readonly IDatasetStore _datasets;
    private readonly JobOptions _options;
    private readonly JobInstruments _instruments;
    private readonly string _format;
    private readonly ResultWriter _writer;
    private ScoringCheckpoint _at;
    private long _last = Stopwatch.GetTimestamp();

    public ScoringRun(IJobContext context, IRowScorer scorer, BatchPredictParams parameters, DatasetRecord dataset, IDatasetStore datasets, JobOptions options, JobInstruments instruments)
    {
        (_context, _scorer, _parameters, _dataset, _datasets, _options, _instruments) = (context, scorer, parameters, dataset, datasets, options, instruments);
        _format = parameters.Format ?? dataset.Format;
        _writer = ResultWriter.Of(_format, parameters.Keep, scorer.Columns);
        _at = context.Checkpoint is { } saved ? ScoringCheckpoint.Read(saved) : new ScoringCheckpoint(default, [], scorer.BatchRows, [], 0, 0, null);
    }

    /// <summary>Answers with the job's result.</summary>
    public async Task<OmlResult<string>> RunAsync()
    {
        if (_at.Dataset is null)
        {
            if (await ScoreAsync() is { } error)
                return error;
            await StoreAsync();
        }

        return await _datasets.FindAsync(_at.Dataset!) is { } record
            ? JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["dataset"] = record.Id,
                ["rows"] = _at.Place.Row,
                ["failed"] = _at.Failed,
                ["bytes"] = record.Bytes,
                ["hash"] = record.Hash,
                ["format"] = record.Format,
            })
            : throw new InvalidDataException($"The result '{_at.Dataset}' of job '{_context.JobId}' is not there.");
    }

    private async Task<OmlError?> ScoreAsync()
    {
        if (_at.Place.Row >= _dataset.Rows)
            return null;
        var own = JobParts.NameOf(_context);
        await using var part = _datasets.CreateScratch(own);
        using var reader = await RowReader.OpenAsync(_datasets, _dataset, _options.MaxRowBytes, _at.Place, _at.Header, _context.Cancellation);
        _at = _at with { Header = reader.Header };
        if (_at.Extents.IsEmpty)
            _writer.WriteHeader();
        _at = _at with { Extents = _at.Extents.Add(new PartExtent(own, 0)) };
        await _context.LogAsync("information", string.Create(CultureInfo.InvariantCulture, $"Scoring data set '{_dataset.Id}' from row {_at.Place.Row + 1} of {_dataset.Rows}, {_at.BatchRows} rows a batch."));

        var inFlight = new Queue<(Task<RowResult[]> Answer, List<NumberedRow> Rows, DataPlace After)>();
        try
        {
            for (var isEnd = false; ;)
            {
                while (!isEnd && inFlight.Count < _options.BatchesInFlight)
                {
                    _context.Cancellation.ThrowIfCancellationRequested();
                    var rows = await reader.NextAsync(_at.BatchRows, _context.Cancellation);
                    isEnd = rows.Count < _at.BatchRows;
                    if (rows.Count > 0)
                        inFlight.Enqueue((_scorer.ScoreAsync(rows, _context.Cancellation), rows, reader.Place));
                }

                if (!inFlight.TryDequeue(out var next))
                    break;
                var results = await next.Answer;
                if (Write(next.Rows, results, part) is { } error)
                    return error;
                _at = _at with { Place = next.After };
                Report();
                if (Stopwatch.GetElapsedTime(_last) >= _options.CheckpointEvery)
                    await SaveAsync(part);
            }
        }
        finally
        {
            // What is in flight reads nothing of this any more, but its end must be seen.
            await ((Task)Task.WhenAll(inFlight.Select(f => f.Answer))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await SaveAsync(part);
        return null;
    }

    private OmlError? Write(List<NumberedRow> rows, RowResult[] results, FileStream part)
    {
        var failed = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            if (results[i].Error is { } error)
            {
                if (_parameters.FailsOnError)
                {
                    var detail = string.Create(CultureInfo.InvariantCulture, $"Row {rows[i].Number} (line {rows[i].Line}) cannot be scored, and params.onError is 'fail': {error.Detail}");
                    return new OmlError("row_failed", 422, detail) { Faults = [new OmlFault(error.Code, error.Detail) { Line = (int)Math.Min(rows[i].Line, int.MaxValue) }] };
                }

                failed++;
            }

            _writer.Write(rows[i], results[i]);
        }

        _at = _at with
        {
            Extents = PartExtent.Grow(_at.Extents, _writer.Flush(part)),
            Scored = _at.Scored + rows.Count - failed,
            Failed = _at.Failed + failed,
        };
        _instruments.Rows(_context.Spec.Model!, rows.Count - failed, failed);
        return null;
    }

    private void Report() => _context.Report(ScoreStep, ScoreShare * _at.Place.Offset / _dataset.Bytes, Metrics());

    private ImmutableSortedDictionary<string, double> Metrics() => ImmutableSortedDictionary<string, double>.Empty
        .Add("rows", _at.Place.Row).Add("rowsTotal", _dataset.Rows).Add("failed", _at.Failed).Add("bytes", _at.Place.Offset).Add("bytesTotal", _dataset.Bytes);

    private async Task SaveAsync(FileStream part)
    {
        part.Flush(flushToDisk: true);
        await _context.SaveAsync(ScoreStep, _at.ToBytes());
        _last = Stopwatch.GetTimestamp();
    }

    private async Task StoreAsync()
    {
        _context.Report(ResultStep, ScoreShare, Metrics());
        var name = _dataset.Name is { } own ? $"{Path.GetFileNameWithoutExtension(own)}.scored.{_format}" : null;
        var record = await JobParts.StoreAsync(_context, _datasets, _at.Extents, _format, _dataset.Rows, name);
        _at = _at with { Dataset = record.Id };
        await _context.SaveAsync(ResultStep, _at.ToBytes());
    }
}
