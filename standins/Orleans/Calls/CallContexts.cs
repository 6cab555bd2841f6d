using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>What both sides' filters see of a call.</summary>
internal abstract class CallContext<TResult>(GrainCall<TResult> call) : IGrainCallContext
{
    private Response? _response;

    protected int Step { get; set; }

    protected GrainCall<TResult> Call { get; } = call;

    public IInvokable Request => Call;

    public abstract object Grain { get; }

    public GrainId? SourceId => Call.Source?.GrainId;

    public GrainId TargetId => Call.Target.GrainId;

    public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(InterfaceName);

    public string InterfaceName => Call.GetInterfaceName();

    public string MethodName => Call.GetMethodName();

    public MethodInfo InterfaceMethod => Call.Shape.Method;

    public Response? Response
    {
        get => _response;
        set => _response = value;
    }

    public object? Result
    {
        get => typeof(TResult) == typeof(Nothing) ? null : _response?.Result;
        set => _response = Response.FromResult((TResult)value!);
    }

    public abstract Task Invoke();

    protected void SetResult(TResult value) => _response = Response.FromResult(value);

    /// <summary>What the caller gets after the filters.</summary>
    protected TResult Outcome()
    {
        if (_response is null)
            return default!;
        if (_response.Exception is { } error)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        return _response is Response<TResult> typed ? typed.TypedResult! : (TResult)_response.Result!;
    }
}

/// <summary>Filters of the silo in their order, then the grain's own, then the method.</summary>
internal sealed class IncomingCallContext<TResult>(GrainCall<TResult> call, Activation? activation, object instance, IIncomingGrainCallFilter[] filters)
    : CallContext<TResult>(call), IIncomingGrainCallContext
{
    public override object Grain => instance;

    public IGrainContext TargetContext => activation!;

    public MethodInfo ImplementationMethod => Call.Shape.ImplementationIn(instance.GetType());

    public static async Task<TResult> RunAsync(GrainCall<TResult> call, Activation? activation, object instance, IIncomingGrainCallFilter[] filters)
    {
        var context = new IncomingCallContext<TResult>(call, activation, instance, filters);
        await context.Invoke();
        return context.Outcome();
    }

    public override async Task Invoke()
    {
        var step = Step++;
        if (step < filters.Length)
        {
            await filters[step].Invoke(this);
            return;
        }

        if (step == filters.Length && instance is IIncomingGrainCallFilter own)
        {
            await own.Invoke(this);
            return;
        }

        var shape = (MethodShape<TResult>)Call.Shape;
        SetResult(await shape.InvokeAsync(activation?.TargetOf(shape.Interface, instance) ?? instance, Call.Arguments));
    }
}

/// <summary>Filters of the caller in their order, then the call.</summary>
internal sealed class OutgoingCallContext<TResult>(GrainCall<TResult> call, IOutgoingGrainCallFilter[] filters)
    : CallContext<TResult>(call), IOutgoingGrainCallContext
{
    public override object Grain => Call.Target;

    public IGrainContext? SourceContext => Call.Source;

    public static async Task<TResult> RunAsync(GrainCall<TResult> call, IOutgoingGrainCallFilter[] filters)
    {
        var context = new OutgoingCallContext<TResult>(call, filters);
        await context.Invoke();
        return context.Outcome();
    }

    public override async Task Invoke()
    {
        var step = Step++;
        if (step < filters.Length)
        {
            await filters[step].Invoke(this);
            return;
        }

        // Filters may have changed the request context: what travels is what stands now.
        Call.Context = RequestContext.Export();
        SetResult(await Call.Target.Caller.SendAsync(Call));
    }
}
