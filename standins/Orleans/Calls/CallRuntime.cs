using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>One side of calls, a silo or a client: makes references, sends calls, keeps those that wait.</summary>
internal abstract class CallRuntime
{
    private PendingCalls? _pending;

    protected CallRuntime() => References = new GrainFactory(this);

    public GrainFactory References { get; }

    public abstract Observers Observers { get; }

    public IOutgoingGrainCallFilter[] OutgoingFilters { get; protected set; } = [];

    public TimeSpan ResponseTimeout { get; protected set; } = TimeSpan.FromSeconds(30);

    protected PendingCalls? Pending => _pending;

    public Task<TResult> CallAsync<TResult>(MethodShape<TResult> shape, object?[] arguments, GrainReference target)
    {
        GrainCall<TResult> call;
        try
        {
            call = new GrainCall<TResult>(shape, CopyArguments(shape, arguments), target, RuntimeContext.Current);
        }
        catch (Exception error)
        {
            return Task.FromException<TResult>(error);
        }

        if (OutgoingFilters.Length > 0)
            return OutgoingCallContext<TResult>.RunAsync(call, OutgoingFilters);
        return SendAsync(call);
    }

    public Task<TResult> SendAsync<TResult>(GrainCall<TResult> call)
    {
        if (!call.TryLinkCancellation())
            return Task.FromCanceled<TResult>(new CancellationToken(canceled: true));
        if (call.Shape.OneWay)
        {
            Deliver(call.Target.GrainId, call);
            return Task.FromResult<TResult>(default!);
        }

        _pending?.Add(call, call.Shape.Timeout ?? ResponseTimeout);
        Deliver(call.Target.GrainId, call);
        return call.Answer;
    }

    /// <summary>Isolates the callee from what the caller does with its arguments afterwards.</summary>
    public object?[] CopyArguments(MethodShape shape, object?[] arguments)
    {
        if (!shape.CopiesArguments)
            return arguments;
        var context = CopyContext.Rent();
        try
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                if (shape.ArgumentCopiers[i] is { } copier)
                    arguments[i] = copier.CopyObject(arguments[i], context);
            }
        }
        finally
        {
            context.Return();
        }

        return arguments;
    }

    /// <summary>Brings a turn to its target; rejects it when there is none.</summary>
    public abstract void Deliver(GrainId target, Turn turn);

    protected void StartWaiting(TimeProvider time, TimeSpan responseTimeout)
    {
        ResponseTimeout = responseTimeout;
        _pending = new PendingCalls(time, responseTimeout);
    }
}
