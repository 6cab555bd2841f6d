using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace OrleansMl.EngineContract.Tests;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Opens "{gate} started", then waits for the gate.</summary>
    Task Hold(string gate);

    Task Note(string what);

    [ReadOnly]
    Task ReadHold(string gate);

    [ReadOnly]
    Task<string> Read();

    [AlwaysInterleave]
    Task<string> Peek();

    [ResponseTimeout("00:00:00.700")]
    Task CallSelf();

    [ResponseTimeout("00:00:00.700")]
    Task<string> PassOn(string[] keys);

    Task<string> PassOnWithReentrancy(string[] keys);

    [ResponseTimeout("00:00:00.300")]
    Task HoldBriefly(string gate);

    Task<int> CountWithoutOverlap(int rounds);

    Task<string> WhereAmI();

    Task ThreadOfLongSynchronousWork(string gate);
}

/// <summary>Not reentrant: one call at a time.</summary>
public sealed class TurnGrain : Grain, ITurnGrain
{
    private int _inside;
    private int _count;

    private string Key => this.GetPrimaryKeyString();

    public async Task Hold(string gate)
    {
        Gates.Open($"{gate} started");
        await Gates.WaitFor(gate);
        Journal.Add(Key, $"held {gate}");
    }

    public Task Note(string what)
    {
        Journal.Add(Key, what);
        return Task.CompletedTask;
    }

    public Task ReadHold(string gate) => Hold(gate);

    public Task<string> Read()
    {
        Journal.Add(Key, "read");
        return Task.FromResult("read");
    }

    public Task<string> Peek() => Task.FromResult("peeked");

    public Task CallSelf() => this.AsReference<ITurnGrain>().Note("from self");

    public async Task<string> PassOn(string[] keys) =>
        keys.Length == 0 ? Key : $"{Key} > {await GrainFactory.GetGrain<ITurnGrain>(keys[0]).PassOn(keys[1..])}";

    public async Task<string> PassOnWithReentrancy(string[] keys)
    {
        if (keys.Length == 0)
            return Key;
        using var section = RequestContext.AllowCallChainReentrancy();
        return $"{Key} > {await GrainFactory.GetGrain<ITurnGrain>(keys[0]).PassOnWithReentrancy(keys[1..])}";
    }

    public Task HoldBriefly(string gate) => Hold(gate);

    public async Task<int> CountWithoutOverlap(int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            if (Interlocked.Increment(ref _inside) != 1)
                throw new InvalidOperationException("two calls at once");
            _count++;
            await Task.Yield();
            if (Interlocked.Decrement(ref _inside) != 0)
                throw new InvalidOperationException("two calls at once");
        }

        return _count;
    }

    public async Task<string> WhereAmI()
    {
        var own = TaskScheduler.Current;
        var report = new List<string> { own == TaskScheduler.Default ? "start outside" : "start inside" };
        await Task.Yield();
        report.Add(TaskScheduler.Current == own ? "yield inside" : "yield outside");
        await Task.Run(() => report.Add(TaskScheduler.Current == own ? "run inside" : "run outside"));
        report.Add(TaskScheduler.Current == own ? "back inside" : "back outside");
#pragma warning disable ORLEANS0014 // the very thing this shows: it leaves the turn
        await Task.Delay(1).ConfigureAwait(false);
#pragma warning restore ORLEANS0014
        report.Add(TaskScheduler.Current == own ? "unconfigured inside" : "unconfigured outside");
        return string.Join(", ", report);
    }

    public Task ThreadOfLongSynchronousWork(string gate)
    {
        Gates.Open($"{gate} started");
        Gates.Passed(gate).Wait(TimeSpan.FromSeconds(15));
        return Task.CompletedTask;
    }
}

public interface IReentrantGrain : IGrainWithStringKey
{
    Task Hold(string gate);

    Task<string> Quick();

    Task<int> SynchronousSections(int rounds);
}

[Reentrant]
public sealed class ReentrantGrain : Grain, IReentrantGrain
{
    private int _inside;
    private int _count;

    public async Task Hold(string gate)
    {
        Gates.Open($"{gate} started");
        await Gates.WaitFor(gate);
    }

    public Task<string> Quick() => Task.FromResult("quick");

    public async Task<int> SynchronousSections(int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            if (Interlocked.Increment(ref _inside) != 1)
                throw new InvalidOperationException("two sections at once");
            var before = _count;
            Thread.SpinWait(50);
            _count = before + 1;
            if (Interlocked.Decrement(ref _inside) != 0)
                throw new InvalidOperationException("two sections at once");
            await Task.Yield();
        }

        return _count;
    }
}

public interface IPredicateGrain : IGrainWithStringKey
{
    Task Hold(string gate);

    Task<string> Say(string what);
}

[MayInterleave(nameof(MayInterleave))]
public sealed class PredicateGrain : Grain, IPredicateGrain
{
    public static bool MayInterleave(IInvokable call) =>
        call.GetMethodName() == nameof(IPredicateGrain.Say) && call.GetArgument(0) is "urgent";

    public async Task Hold(string gate)
    {
        Gates.Open($"{gate} started");
        await Gates.WaitFor(gate);
    }

    public Task<string> Say(string what) => Task.FromResult(what);
}

public interface IWorkerGrain : IGrainWithStringKey
{
    Task<Guid> Hold(string gate, int index);
}

[StatelessWorker(2)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public async Task<Guid> Hold(string gate, int index)
    {
        Journal.Add(gate, $"{index}");
        Gates.Open($"{gate} {index}");
        await Gates.WaitFor(gate);
        return _activation;
    }
}

public interface IWorkerCallerGrain : IGrainWithStringKey
{
    Task<Guid[]> HoldAll(string key, string gate, int count);
}

/// <summary>Calls from within a silo: a stateless worker is local to its caller's silo.</summary>
public sealed class WorkerCallerGrain : Grain, IWorkerCallerGrain
{
    public async Task<Guid[]> HoldAll(string key, string gate, int count)
    {
        var worker = GrainFactory.GetGrain<IWorkerGrain>(key);
        return await Task.WhenAll(Enumerable.Range(0, count).Select(i => worker.Hold(gate, i)));
    }
}
