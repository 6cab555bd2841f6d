using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public sealed class RecordingIncomingFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        CallLog.Add(context.TargetId, $"incoming 1 {context.InterfaceMethod.Name} on {context.ImplementationMethod.DeclaringType!.Name}");
        await context.Invoke();
        if (context.MethodName == nameof(IFilteredGrain.Double))
            context.Result = (int)context.Result! + 1;
    }
}

public interface IFilteredGrain : IGrainWithStringKey
{
    Task<int> Double(int value);

    Task Refused();

    Task<string> Through(string other);

    Task<string> Rewritten(string text);
}

[GrainType("contract.filtered")]
public sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        CallLog.Add(context.TargetId, "own");
        if (context.MethodName == nameof(IFilteredGrain.Refused))
            throw new UnauthorizedAccessException("not you");
        if (context.MethodName == nameof(IFilteredGrain.Rewritten))
            context.Request.SetArgument(0, "changed");
        await context.Invoke();
    }

    public Task<int> Double(int value)
    {
        CallLog.Add(this.GetGrainId(), "method");
        return Task.FromResult(value * 2);
    }

    public Task Refused()
    {
        CallLog.Add(this.GetGrainId(), "method");
        return Task.CompletedTask;
    }

    public async Task<string> Through(string other) => $"{await GrainFactory.GetGrain<IFilteredGrain>(other).Double(1)}";

    public Task<string> Rewritten(string text) => Task.FromResult(text);
}
