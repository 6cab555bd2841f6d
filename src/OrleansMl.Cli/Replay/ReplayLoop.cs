using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;
using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Replay;

/// <summary>
/// Drives rows through the whole loop, prequentially (test, then train; Gama, Sebastião and Rodrigues, "On evaluating
/// stream learning algorithms", 2013). Row t with delay N: the outcome of row t−N is acknowledged, then the event of row t
/// is acknowledged, then row t is predicted. So with N = 1 the last truth is known before each prediction. The truths of
/// the last N rows follow at the end.
/// </summary>
internal sealed class ReplayLoop : IDisposable
{
    /// <summary>So many failures in a row mean that the server is gone.</summary>
    private const int MostFailuresInARow = 20;

    private const int RollingWindow = 1000;

    private readonly ReplayPlan _plan;
    private readonly ApiConnection _connection;
    private readonly int _delay;
    private readonly RequestBodies _bodies;
    private readonly PredictionReader _reader;
    private readonly KnownTruths _known;
    private readonly string _events;
    private readonly string _outcomes;
    private readonly string _predict;

    private readonly List<ReplayRow> _rows = [];
    private readonly List<double> _predictionMs = [];
    private readonly Queue<double> _rolling = new();
    private double _rollingSum;
    private long _failed;
    private long _notJoined;
    private int _failedInARow;
    private string? _firstFailure;

    public ReplayLoop(ReplayPlan plan, ApiConnection connection, int delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, 1);
        (_plan, _connection, _delay) = (plan, connection, delay);
        _bodies = new(plan);
        _reader = new(plan.Model.Columns);
        _known = new(plan.Target.IsRegression);
        _events = connection.Resolve("/api/v1/events");
        _outcomes = connection.Resolve("/api/v1/outcomes");
        _predict = connection.Resolve($"/api/v1/models/{Uri.EscapeDataString(plan.Model.Name)}/predict");
    }

    /// <exception cref="CommandException">A cell is not of its type, or the server is gone.</exception>
    public ReplayResult Run(IEnumerable<CsvRow> rows, IProgress<ProgressNote> progress, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var reported = started;
        foreach (var csv in rows)
        {
            var t = _rows.Count;
            if (t >= _delay)
                SendOutcome(_rows[t - _delay], cancellationToken);
            var row = new ReplayRow { Index = t, Time = _plan.TimeOf(csv, t), Entity = _plan.EntityOf(csv), Truth = _plan.TruthOf(csv) };
            _rows.Add(row);
            Post(_events, _bodies.Event(t, csv, row.Entity, row.Time), cancellationToken);
            Predict(row, csv, cancellationToken);

            if (Stopwatch.GetElapsedTime(reported) > TimeSpan.FromMilliseconds(250))
            {
                reported = Stopwatch.GetTimestamp();
                progress.Report(new(_rows.Count, Note(Stopwatch.GetElapsedTime(started))));
            }
        }

        for (var t = Math.Max(0, _rows.Count - _delay); t < _rows.Count; t++)
            SendOutcome(_rows[t], cancellationToken);
        return new()
        {
            Rows = _rows,
            FailedRequests = _failed,
            FirstFailure = _firstFailure,
            OutcomesNotJoined = _notJoined,
            PredictionMs = _predictionMs,
            Elapsed = Stopwatch.GetElapsedTime(started),
        };
    }

    public void Dispose() => _bodies.Dispose();

    private void SendOutcome(ReplayRow row, CancellationToken cancellationToken)
    {
        if (row.PredictionId is null || double.IsNaN(row.Truth))
            return;
        if (Post(_outcomes, _bodies.Outcome(row.Index, row.PredictionId, row.Truth), cancellationToken) is not { } answer)
            return;
        if (answer.Span.IndexOf("\"joined\""u8) < 0)
            _notJoined++;
        _known.Add(row.Entity, row.Truth);
        if (row.IsScored)
            Roll(Score.ErrorOf(row.Live, row.Truth, _plan.Target.IsRegression));
    }

    private void Predict(ReplayRow row, CsvRow csv, CancellationToken cancellationToken)
    {
        row.NoChange = _known.NoChange(row.Entity);
        row.Prior = _known.Prior;
        var body = _bodies.Prediction(csv, row.Entity, row.Time);
        var sent = Stopwatch.GetTimestamp();
        var answer = Post(_predict, body, cancellationToken);
        _predictionMs.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        if (answer is not { } bytes)
            return;
        var vector = RawVector.Missing(_plan.Model.Columns);
        try
        {
            _reader.Read(bytes.Span, row, vector);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or OverflowException)
        {
            throw CommandException.Failed($"The answer to the prediction of row {row.Index} cannot be read ({fault.Message}): {Encoding.UTF8.GetString(bytes.Span)}");
        }

        if (row.ModelVersion is null)
            return;
        row.Live = _plan.Target.Answer(row.Label, row.Score);
        foreach (var input in _plan.Inputs)
        {
            var column = ColumnOf(input.Field.Name);
            if (column < 0)
                continue;
            if (_plan.Model.Columns[column].IsCategorical)
                vector.Texts![column] = csv.Cells[input.Column];
            else
                vector.Numbers[column] = (float)input.AsNumber(csv);
        }

        row.Vector = vector;
    }

    /// <summary>The answer of a successful request; null after a failed one, which is counted and not repeated.</summary>
    private ReadOnlyMemory<byte>? Post(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        string failure;
        try
        {
            var answer = _connection.Send(HttpMethod.Post, path, body, null, cancellationToken);
            if (answer.IsSuccess)
            {
                _failedInARow = 0;
                return answer.Body;
            }

            failure = answer.Fault;
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException)
        {
            failure = fault.Message;
        }

        _failed++;
        _firstFailure ??= $"row {Math.Max(0, _rows.Count - 1)}: POST {path}: {failure}";
        if (++_failedInARow >= MostFailuresInARow)
            throw CommandException.Failed($"{MostFailuresInARow} requests in a row have failed; the first failure was {_firstFailure}");
        return null;
    }

    private int ColumnOf(string name)
    {
        for (var column = 0; column < _plan.Model.Columns.Length; column++)
        {
            if (_plan.Model.Columns[column].Name == name)
                return column;
        }

        return -1;
    }

    private void Roll(double error)
    {
        _rolling.Enqueue(error);
        _rollingSum += error;
        if (_rolling.Count > RollingWindow)
            _rollingSum -= _rolling.Dequeue();
    }

    private string Note(TimeSpan elapsed)
    {
        var rate = string.Create(CultureInfo.InvariantCulture, $"{_rows.Count / elapsed.TotalSeconds:N0} rows/s");
        if (_rolling.Count == 0)
            return $"{rate}, no version yet";
        var mean = _rollingSum / _rolling.Count;
        var version = _rows[^1].ModelVersion is { } number ? $", version {number.ToString(CultureInfo.InvariantCulture)}" : "";
        return rate + version + (_plan.Target.IsRegression
            ? string.Create(CultureInfo.InvariantCulture, $", mean error {mean:0.###}")
            : string.Create(CultureInfo.InvariantCulture, $", accuracy {1 - mean:0.000}"));
    }
}
