using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansMl.Inference;

/// <summary>
/// Runs the requests of one replica of a model in batches. A request that finds a session idle and nothing waiting runs
/// on the caller's thread, as it would without a batcher, unless those before it came in company. Others wait in a bounded queue; a batch takes what may share
/// it, by priority and arrival, when a session is free for it, and grows until then.
/// <para>An answer equals the one that the request would get alone: bit for bit on graphs of integer and of element-wise
/// operations, else to 1e-5, since a runtime may sum a batch in another order. This is so for models whose rows do not
/// depend on each other: see <see cref="BatchingOptions.ProbeRows"/>. Outputs that do not have the rows first are seen, and
/// requests for them run one by one.</para>
/// Thread-safe. The model is the caller's: it is not to be disposed before <see cref="DrainAsync"/> has completed.
/// </summary>
public sealed class Batcher : IAsyncDisposable
{
    private readonly IBatchModel _model;
    private readonly BatchingOptions _options;
    private readonly BatchDimension _dimension;
    private readonly BatchClock _clock;
    private readonly BatchRecorder _recorder;
    private readonly BatchRunner _runner;
    private readonly BatchDispatcher _dispatcher;
    private readonly string[] _outputNames;
    private readonly Action<object?> _giveUp;
    private readonly PendingRequestPool _requests = new();
    private BatchKey? _lastKey;

    /// <param name="model">A loaded model.</param>
    /// <param name="options">How to batch.</param>
    /// <param name="time">Clock of delays, timeouts and statistics.</param>
    /// <param name="instruments">Where to count; null: only in <see cref="Statistics"/>.</param>
    /// <param name="tags">Tags of its measurements: model, version.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <remarks>Runs the model a few times: see <see cref="BatchingOptions.ProbeRows"/>.</remarks>
    public Batcher(OnnxModel model, BatchingOptions options, TimeProvider time, BatchingInstruments? instruments = null, TagList tags = default)
        : this((IBatchModel)model, options, time, instruments, tags) => ProbedRows = Probe();

    /// <param name="sessions">A model in its sessions; <see cref="BatchingOptions.Instances"/> should be as many as their runs.</param>
    /// <param name="options">How to batch.</param>
    /// <param name="time">Clock of delays and timeouts.</param>
    /// <param name="recorder">Where to count: that of the batcher before it, where one was.</param>
    /// <inheritdoc cref="Batcher(OnnxModel, BatchingOptions, TimeProvider, BatchingInstruments?, TagList)"/>
    public Batcher(ModelSessions sessions, BatchingOptions options, TimeProvider time, BatchRecorder recorder)
        : this((IBatchModel)sessions, options, time, recorder, othersWait: null) => ProbedRows = Probe();

    internal Batcher(IBatchModel model, BatchingOptions options, TimeProvider time, BatchingInstruments? instruments = null, TagList tags = default, Func<bool>? othersWait = null)
        : this(model, options, time, new BatchRecorder(instruments, tags, time), othersWait)
    {
    }

    private Batcher(IBatchModel model, BatchingOptions options, TimeProvider time, BatchRecorder recorder, Func<bool>? othersWait)
    {
        var faults = options.Faults();
        if (!faults.IsEmpty)
            throw new ArgumentException(string.Join(' ', faults), nameof(options));
        (_model, _options) = (model, options);
        _outputNames = [.. model.Signature.Outputs.Select(o => o.Name)];
        _dimension = new BatchDimension(model.Signature, options.MaxBatchRows, options.RunsLargerAlone);
        _clock = new BatchClock(time);
        _recorder = recorder;
        _runner = new BatchRunner(model, _dimension, _recorder, _clock);
        _dispatcher = new BatchDispatcher(options, _runner, _recorder, _clock, othersWait ?? (static () => ThreadPool.PendingWorkItemCount > 0));
        _giveUp = request => _dispatcher.GiveUp((PendingRequest)request!);
    }

    /// <summary>How it batches.</summary>
    public BatchingOptions Options => _options;

    /// <summary>
    /// Why requests run alone: all of them where the inputs have no free first dimension, else those that ask for an
    /// output named here. Empty: as far as is known, all may share batches.
    /// </summary>
    public ImmutableArray<string> UnbatchableReasons => _dimension.Reasons;

    /// <summary>Batch sizes that the model has run on made-up rows: see <see cref="BatchingOptions.ProbeRows"/>.</summary>
    public ImmutableArray<int> ProbedRows { get; } = [];

    /// <summary>What it has done so far, and what those before it did that counted by the same recorder.</summary>
    public BatchingStatistics Statistics => _recorder.Snapshot(_dispatcher.Queued);

    /// <summary>One more request would not wait for longer than the runs that are under way: it fits into the next batches.</summary>
    public bool HasRoom => _dispatcher.HasRoom;

    /// <summary>Requests that wait, and runs under way: 0 of an idle one.</summary>
    public int Load => _dispatcher.Load;

    /// <summary>Runs a request, in a batch or alone.</summary>
    /// <param name="inputs">One for each input, in any order; their memory is not to be changed until the task completes.</param>
    /// <param name="outputs">Names wanted, in order; null or empty: all of the signature's.</param>
    /// <param name="priority">Level, 1 the highest; 0: the default.</param>
    /// <param name="timeout">Time that it may wait before it starts, where the level's policy allows a request to say so.</param>
    /// <param name="cancellationToken">
    /// Gives the request up: at once while it waits; a run that has begun is not broken off, and its answer is dropped.
    /// </param>
    /// <returns>Outputs in the order asked for, or why the request was rejected. Outputs of a batch share memory.</returns>
    /// <exception cref="InferenceInputException">The request does not fit the signature, or has more rows than a batch may have.</exception>
    /// <exception cref="InferenceRunException">The runtime failed on this request.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public ValueTask<BatchAnswer> RunAsync(
        IReadOnlyList<Tensor> inputs,
        IReadOnlyList<string>? outputs = null,
        int priority = 0,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<BatchAnswer>(cancellationToken);
        try
        {
            RequestCheck.Inputs(_model.Signature, inputs);
            var wanted = RequestCheck.Outputs(_model.Signature, _outputNames, outputs);
            var rows = _dimension.RowsOf(inputs, wanted, out var isAlone);
            var now = _clock.Now;
            return _dispatcher.TryStartInline(rows, isAlone, now, out var session)
                ? new ValueTask<BatchAnswer>(RunInline(inputs, wanted, rows, now, session))
                : Wait(inputs, wanted, rows, isAlone, now, priority, timeout, cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<BatchAnswer>(exception);
        }
    }

    /// <summary>
    /// Rejects what comes from now on (<see cref="RejectionReasons.NotReady"/>) and completes when what came before is
    /// answered. Repeating it waits for the same.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the draining.</param>
    public Task DrainAsync(CancellationToken cancellationToken = default) => _dispatcher.DrainAsync().WaitAsync(cancellationToken);

    /// <summary>Drains it.</summary>
    public ValueTask DisposeAsync() => new(_dispatcher.DrainAsync());

    private ImmutableArray<int> Probe() => _options.ProbeRows ? RowProbe.Run(_model, _dimension, _options.MaxBatchRows, _outputNames) : [];

    private BatchAnswer RunInline(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, int rows, TimeSpan arrival, int session)
    {
        try
        {
            return new BatchAnswer(_runner.RunInline(inputs, wanted, rows, arrival));
        }
        finally
        {
            _dispatcher.Release(session, rows);
        }
    }

    private ValueTask<BatchAnswer> Wait(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, int rows, bool isAlone, TimeSpan arrival, int priority, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var ordered = isAlone ? inputs : _dimension.InOrder(inputs);
        var request = _requests.Rent();
        (request.Inputs, request.Wanted, request.Rows) = (ordered, wanted, rows);
        request.Key = isAlone ? BatchKey.Alone() : _lastKey = BatchKey.Of(ordered, _lastKey);
        request.Level = _options.LevelFor(priority);
        request.Arrival = arrival;
        request.Expiry = arrival + _options.PolicyOf(request.Level).TimeoutFor(timeout);
        var answer = request.Task;

        // Before it is queued: afterwards a session could end it, and the registration would stay behind.
        if (cancellationToken.CanBeCanceled)
            request.Watch(cancellationToken, _giveUp);
        if (_dispatcher.Enqueue(request) is { } rejection)
            _runner.Reject(request, rejection);
        return answer;
    }
}
