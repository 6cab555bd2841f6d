namespace OrleansMl.Storage.Embedded.Commit;

/// <summary>One caller's writes: all of it or nothing, in a commit that it shares with others.</summary>
internal abstract class WriteOperation(int rows, CancellationToken cancellationToken)
{
    /// <summary>About how many rows it writes: the measure of a commit's size.</summary>
    public int Rows => rows;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Runs on the writer's thread; the result is kept until the commit.</summary>
    public abstract void Execute(WriteSession session);

    /// <summary>The commit is done: the caller gets its result.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);

    public abstract void Cancel();
}

/// <inheritdoc/>
internal sealed class WriteOperation<T>(Func<WriteSession, T> work, int rows, CancellationToken cancellationToken) : WriteOperation(rows, cancellationToken)
{
    // Continuations must never run on the writer's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _completion.Task;

    public override void Execute(WriteSession session) => _result = work(session);

    public override void Complete() => _completion.TrySetResult(_result!);

    public override void Fail(Exception exception) => _completion.TrySetException(exception);

    public override void Cancel() => _completion.TrySetCanceled(CancellationToken);
}
