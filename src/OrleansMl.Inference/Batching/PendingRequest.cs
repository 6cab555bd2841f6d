namespace OrleansMl.Inference;

/// <summary>A request that waits or runs in a batch. Its place in the queue is guarded by the dispatcher's lock.</summary>
internal sealed class PendingRequest : TaskCompletionSource<BatchAnswer>
{
    private volatile bool _isGivenUp;

    // Run on the pool: a caller's continuation must not hold up the session that answered it.
    public PendingRequest(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, int rows, BatchKey key)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        (Inputs, Wanted, Rows, Key) = (inputs, wanted, rows, key);
        Node = new LinkedListNode<PendingRequest>(this);
    }

    /// <summary>In the signature's order.</summary>
    public IReadOnlyList<Tensor> Inputs { get; }

    /// <summary>Outputs asked for, in that order.</summary>
    public IReadOnlyList<string> Wanted { get; }

    public int Rows { get; }

    public BatchKey Key { get; }

    /// <summary>Priority level, 1 the highest.</summary>
    public int Level { get; init; } = 1;

    /// <summary>When it came, by the batcher's clock.</summary>
    public TimeSpan Arrival { get; init; }

    /// <summary>When it has waited for too long; null: never.</summary>
    public TimeSpan? Expiry { get; init; }

    public CancellationToken CancellationToken { get; init; }

    public CancellationTokenRegistration Registration { get; set; }

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
}
