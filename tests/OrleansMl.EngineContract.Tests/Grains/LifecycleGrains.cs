using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public sealed class ScopedService : IDisposable
{
    public Guid Id { get; } = Guid.NewGuid();

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}

public sealed record NamedService(string Name);

public interface ILifeGrain : IGrainWithStringKey
{
    Task<Guid> Touch();

    Task<Guid> ScopeId();

    Task<string> Keyed();

    Task EndOnIdle();

    Task EndOnIdleThenWait(string gate);

    Task Delay(TimeSpan time);
}

public sealed class LifeGrain(ScopedService scoped, [FromKeyedServices("blue")] NamedService named) : Grain, ILifeGrain, IDisposable
{
    private readonly Guid _activation = Guid.NewGuid();

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Add(Key, "activated");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add(Key, $"deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public void Dispose() => Journal.Add(Key, $"disposed, scope disposed {scoped.IsDisposed}");

    public Task<Guid> Touch() => Task.FromResult(_activation);

    public Task<Guid> ScopeId() => Task.FromResult(ServiceProvider.GetRequiredService<ScopedService>().Id == scoped.Id ? scoped.Id : Guid.Empty);

    public Task<string> Keyed() => Task.FromResult(named.Name);

    public Task EndOnIdle()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task EndOnIdleThenWait(string gate)
    {
        DeactivateOnIdle();
        Gates.Open($"{gate} asked");
        await Gates.WaitFor(gate);
        Journal.Add(Key, "call over");
    }

    public Task Delay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }
}

public interface IFailingGrain : IGrainWithStringKey
{
    Task<int> Attempts();
}

/// <summary>Fails to activate as often as the journal says.</summary>
public sealed class FailingGrain : Grain, IFailingGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        Journal.Add(key, "attempt");
        if (Journal.Of(key).Length == 1)
        {
            await Gates.WaitFor(key);
            throw new InvalidDataException("no luck today");
        }
    }

    public Task<int> Attempts() => Task.FromResult(Journal.Of(this.GetPrimaryKeyString()).Length);
}

public interface IFailingConstructorGrain : IGrainWithStringKey
{
    Task Touch();
}

public sealed class FailingConstructorGrain : Grain, IFailingConstructorGrain
{
    public FailingConstructorGrain() => throw new InvalidDataException("cannot be made");

    public Task Touch() => Task.CompletedTask;
}

public interface IPlainGrain : IGrainWithStringKey
{
    Task<string> Key();
}

/// <summary>A grain without the base class.</summary>
public sealed class PlainGrain(IGrainContext context) : IPlainGrain, IGrainBase
{
    public IGrainContext GrainContext { get; } = context;

    public Task OnActivateAsync(CancellationToken token)
    {
        Journal.Add(this.GetPrimaryKeyString(), "activated");
        return Task.CompletedTask;
    }

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());
}

[KeepAlive]
public sealed class KeptGrain : Grain, IKeptGrain
{
    public Task Touch() => Task.CompletedTask;
}

public interface IKeptGrain : IGrainWithStringKey
{
    Task Touch();
}
