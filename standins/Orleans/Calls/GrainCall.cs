using System.Reflection;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>One call on its way: at most once, answered once.</summary>
internal abstract class GrainCall : Turn, IInvokable
{
    private CancellationTokenRegistration _callerCancellation;
    private CancellationTokenSource? _calleeCancellation;
    private Activation? _running;
    private object? _target;

    protected GrainCall(MethodShape shape, object?[] arguments, GrainReference target, IGrainContext? source)
    {
        Shape = shape;
        Arguments = arguments;
        Target = target;
        Source = source;
        Context = RequestContext.Export();
    }

    public MethodShape Shape { get; }

    public object?[] Arguments { get; }

    public GrainReference Target { get; }

    public IGrainContext? Source { get; }

    public Dictionary<string, object>? Context { get; set; }

    /// <summary>Time stamp after which the caller no longer waits; 0: it waits for ever.</summary>
    public long Deadline { get; set; }

    /// <summary>Neighbours in the list of calls that wait for an answer.</summary>
    public GrainCall? Previous { get; set; }

    public GrainCall? Next { get; set; }

    public PendingCalls.Stripe? Stripe { get; set; }

    public override bool AlwaysInterleave => Shape.AlwaysInterleave;

    public override bool ReadOnly => Shape.ReadOnly;

    public override Guid ReentrancyId => RequestContext.ReentrancyIdOf(Context);

    public override IInvokable Invokable => this;

    public bool IsCancellable => Shape.CancellationIndex >= 0;

    public abstract bool IsCompleted { get; }

    public override bool IsAbandoned => IsCompleted && !Shape.OneWay;

    /// <summary>From here on, the caller's token cancels the wait at once and the callee by its own token, within the callee's turns.</summary>
    public bool TryLinkCancellation()
    {
        if (Shape.CancellationIndex < 0 || Arguments[Shape.CancellationIndex] is not CancellationToken { CanBeCanceled: true } token)
            return true;
        if (token.IsCancellationRequested)
        {
            TryFail(new OperationCanceledException(token));
            return false;
        }

        _calleeCancellation = new CancellationTokenSource();
        Arguments[Shape.CancellationIndex] = _calleeCancellation.Token;
        _callerCancellation = token.UnsafeRegister(static (state, token) => ((GrainCall)state!).OnCallerCancelled(token), this);
        return true;
    }

    public override void Reject(Exception cause) => TryFail(cause);

    public abstract bool TryFail(Exception error);

    /// <summary>Runs on an object outside of the grains: an observer.</summary>
    public abstract Task RunOnObserverAsync(object observer, IIncomingGrainCallFilter[] filters);

    public string Describe() => $"{Target.GrainId}: {Shape.Interface.Name}.{Shape.Method.Name}({Arguments.Length} arguments)";

    public object? GetTarget() => _target;

    public void SetTarget(ITargetHolder holder) => _target = holder.GetTarget();

    public abstract ValueTask<Response> Invoke();

    public int GetArgumentCount() => Arguments.Length;

    public object? GetArgument(int index) => Arguments[index];

    public void SetArgument(int index, object value) => Arguments[index] = value;

    public string GetMethodName() => Shape.Method.Name;

    public string GetInterfaceName() => Shape.Interface.FullName ?? Shape.Interface.Name;

    public string GetActivityName() => Shape.ActivityName;

    public MethodInfo GetMethod() => Shape.Method;

    public Type GetInterfaceType() => Shape.Interface;

    public TimeSpan? GetDefaultResponseTimeout() => Shape.Timeout;

    public CancellationToken GetCancellationToken() => _calleeCancellation?.Token ?? default;

    public bool TryCancel()
    {
        _calleeCancellation?.Cancel();
        return _calleeCancellation is not null;
    }

    public void Dispose()
    {
    }

    public override string ToString() => Describe();

    protected void OnRunning(Activation activation) => _running = activation;

    protected void OnAnswered()
    {
        Stripe?.Remove(this);
        _callerCancellation.Unregister();
    }

    private void OnCallerCancelled(CancellationToken token)
    {
        TryFail(new OperationCanceledException(token));
        if (_running is { } activation)
            activation.RunOnScheduler(static state => ((GrainCall)state!).TryCancel(), this);
        else
            _calleeCancellation?.Cancel();
    }
}

/// <summary>A call with a typed answer.</summary>
internal sealed class GrainCall<TResult>(MethodShape<TResult> shape, object?[] arguments, GrainReference target, IGrainContext? source)
    : GrainCall(shape, arguments, target, source)
{
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Answer => _answer.Task;

    public override bool IsCompleted => _answer.Task.IsCompleted;

    public override bool TryFail(Exception error)
    {
        if (!_answer.TrySetException(error))
            return false;
        // Nobody may be waiting (one-way, or the caller dropped the task): an unobserved error is no news then.
        _ = _answer.Task.Exception;
        OnAnswered();
        return true;
    }

    public bool TrySucceed(TResult result)
    {
        if (!_answer.TrySetResult(result))
            return false;
        OnAnswered();
        return true;
    }

    public override async ValueTask RunAsync(Activation activation)
    {
        OnRunning(activation);
        try
        {
            RequestContext.Import(Context);
            var instance = activation.GrainInstance!;
            TResult result;
            if (activation.Silo.IncomingFilters.Length > 0 || instance is IIncomingGrainCallFilter)
                result = await IncomingCallContext<TResult>.RunAsync(this, activation, instance, activation.Silo.IncomingFilters);
            else
                result = await shape.InvokeAsync(activation.TargetOf(shape.Interface, instance), Arguments);
            TrySucceed(CopyResult(result));
        }
        catch (Exception error)
        {
            activation.OnCallFailed(error);
            TryFail(error);
        }
    }

    public override async Task RunOnObserverAsync(object observer, IIncomingGrainCallFilter[] filters)
    {
        try
        {
            RequestContext.Import(Context);
            var result = filters.Length > 0 || observer is IIncomingGrainCallFilter
                ? await IncomingCallContext<TResult>.RunAsync(this, null, observer, filters)
                : await shape.InvokeAsync(observer, Arguments);
            TrySucceed(CopyResult(result));
        }
        catch (Exception error)
        {
            TryFail(error);
        }
    }

    public override async ValueTask<Response> Invoke()
    {
        try
        {
            return Response.FromResult(await shape.InvokeAsync(GetTarget()!, Arguments));
        }
        catch (Exception error)
        {
            return Response.FromException(error);
        }
    }

    public TResult CopyResult(TResult result)
    {
        if (!shape.CopiesResult)
            return result;
        var context = CopyContext.Rent();
        try
        {
            return Copier<TResult>.Copy(result, context);
        }
        finally
        {
            context.Return();
        }
    }
}
