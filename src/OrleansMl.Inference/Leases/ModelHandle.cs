using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Inference;

/// <summary>
/// Owns a loaded model and lends it out. After <see cref="Retire"/> nothing more is lent; the model is disposed once,
/// by whoever gives the last lease back. So a version can be taken away under load without a request losing it.
/// </summary>
/// <typeparam name="TModel">What was loaded: a session, or a version with all its parts.</typeparam>
public sealed class ModelHandle<TModel>(TModel model)
    where TModel : class, IDisposable
{
    private const long Retired = 1;
    private const long OneLease = 2;

    // Run on the pool: whoever waits for the drain must not hold up the thread that returned the last lease.
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Leases × 2, plus 1 once retired: one word, so that "retired with none out" is seen by exactly one thread.
    private long _state;

    /// <summary>Leases out now.</summary>
    public long Leases => Volatile.Read(ref _state) / OneLease;

    public bool IsRetired => (Volatile.Read(ref _state) & Retired) != 0;

    /// <summary>Lends the model; false once retired.</summary>
    public bool TryAcquire([NotNullWhen(true)] out ModelLease<TModel>? lease)
    {
        lease = TryEnter(out var lent) ? new ModelLease<TModel>(this, lent) : null;
        return lease is not null;
    }

    /// <summary>Lends the model without an object for it: to be followed by one <see cref="Release"/>. False once retired.</summary>
    internal bool TryEnter([NotNullWhen(true)] out TModel? lent)
    {
        var state = Volatile.Read(ref _state);
        while ((state & Retired) == 0)
        {
            var seen = Interlocked.CompareExchange(ref _state, state + OneLease, state);
            if (seen == state)
            {
                lent = model;
                return true;
            }

            state = seen;
        }

        lent = null;
        return false;
    }

    /// <summary>Lends nothing from now on. Repeating it changes nothing.</summary>
    public void Retire()
    {
        if (Interlocked.Or(ref _state, Retired) == 0)
            DisposeModel();
    }

    /// <summary>Completes when the model was retired, every lease is back and the model is disposed; fails if disposing did.</summary>
    public Task DrainedAsync(CancellationToken cancellationToken = default) => _drained.Task.WaitAsync(cancellationToken);

    internal void Release()
    {
        if (Interlocked.Add(ref _state, -OneLease) == Retired)
            DisposeModel();
    }

    private void DisposeModel()
    {
        try
        {
            model.Dispose();
            _drained.SetResult();
        }
        catch (Exception exception)
        {
            // The thread that gives a lease back has its answer already; the one that unloads hears of this.
            _drained.SetException(exception);
        }
    }
}
