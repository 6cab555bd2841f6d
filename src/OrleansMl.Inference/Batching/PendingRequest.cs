using System.Threading.Tasks.Sources;

namespace OrleansMl.Inference;

/// <summary>
/// A request that waits or runs in a batch, and the answer that its caller awaits, once. Its place in the queue is guarded by
/// the dispatcher's lock. It serves again for another request when the caller has its answer: see <see cref="PendingRequestPool"/>.
/// </summary>
internal sealed class PendingRequest : IValueTaskSource<BatchAnswer>
{
    private readonly PendingRequestPool? _pool;

    // Continuations run on the pool: a caller's must not hold up the session that answered it.
    private ManualResetValueTaskSourceCore<BatchAnswer> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private volatile bool _isGivenUp;
    private bool _mayServeAgain;

    public PendingRequest(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, int rows, BatchKey key)
        : this(null) => (Inputs, Wanted, Rows, Key) = (inputs, wanted, rows, key);

    public PendingRequest(PendingRequestPool? pool)
    {
        _pool = pool;
        Node = new LinkedListNode<PendingRequest>(this);
    }

    /// <summary>In the signature's order.</summary>
    public IReadOnlyList<Tensor> Inputs { get; set; } = [];

    /// <summary>Outputs asked for, in that order.</summary>
    public IReadOnlyList<string> Wanted { get; set; } = [];

    public int Rows { get; set; }

    public BatchKey Key { get; set; } = null!;

    /// <summary>Priority level, 1 the highest.</summary>
    public int Level { get; set; } = 1;

    /// <summary>When it came, by the batcher's clock.</summary>
    public TimeSpan Arrival { get; set; }

    /// <summary>When it has waited for too long; null: never.</summary>
    public TimeSpan? Expiry { get; set; }

    /// <summary>Its rows of a batch's outputs, until they are handed out.</summary>
    public Tensor[]? Outputs { get; set; }

    /// <summary>Order of coming, given by the queue.</summary>
    public long Sequence { get; set; }

    /// <summary>It has outlived its timeout and stays, behind those that have not.</summary>
    public bool IsDelayed { get; set; }

    public LinkedListNode<PendingRequest> Node { get; }

    public bool IsQueued => Node.List is not null;

    /// <summary>Its caller does not want the answer any more.</summary>
    public bool IsGivenUp
    {
        get => _isGivenUp;
        set => _isGivenUp = value;
    }

    /// <summary>The answer, to be awaited once.</summary>
    public ValueTask<BatchAnswer> Task => new(this, _answer.Version);

    private CancellationToken CancellationToken { get; set; }

    /// <summary>Has the caller's giving up told, from now until it is ended.</summary>
    public void Watch(CancellationToken cancellationToken, Action<object?> giveUp)
    {
        CancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(giveUp, this);
    }

    /// <summary>Ends it. It is not to be touched afterwards: it may be another caller's already.</summary>
    public void Answer(BatchAnswer answer)
    {
        // A giving up that is being told at this moment would meet the next request in this place.
        _mayServeAgain = !CancellationToken.CanBeCanceled || _registration.Unregister();
        _answer.SetResult(answer);
    }

    /// <inheritdoc cref="Answer"/>
    public void Fail(Exception exception)
    {
        _registration.Unregister();
        _answer.SetException(exception);
    }

    /// <inheritdoc cref="Answer"/>
    public void Cancel() => Fail(new OperationCanceledException(CancellationToken));

    /// <summary>It belongs to this pool.</summary>
    public bool IsOf(PendingRequestPool pool) => ReferenceEquals(_pool, pool);

    /// <summary>Nothing of it stays behind.</summary>
    public void Clear()
    {
        (Inputs, Wanted, Rows, Key, Outputs) = ([], [], 0, null!, null);
        (Level, Arrival, Expiry, Sequence, IsDelayed) = (1, default, null, 0, false);
        (_isGivenUp, _mayServeAgain, _registration, CancellationToken) = (false, false, default, default);
        _answer.Reset();
    }

    BatchAnswer IValueTaskSource<BatchAnswer>.GetResult(short token)
    {
        var answer = _answer.GetResult(token);
        if (_mayServeAgain)
            _pool?.Return(this);
        return answer;
    }

    ValueTaskSourceStatus IValueTaskSource<BatchAnswer>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<BatchAnswer>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
