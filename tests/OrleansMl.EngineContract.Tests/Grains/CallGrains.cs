using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

[GenerateSerializer]
public sealed class ContractException(string message) : Exception(message)
{
    [Id(0)]
    public int Code { get; set; }
}

public interface ICallGrain : IGrainWithStringKey
{
    Task<string> Echo(string text);

    ValueTask<int> EchoValue(int value);

    ValueTask NoResult();

    Task<T> EchoGeneric<T>(T value);

    Task<string> ManyArguments(int a, string? b, long? c, DateTime d, double e, string[] f);

    Task Fail(string message);

    Task FailOwn(string message, int code);

    Task<string> FailBeforeAwait();

    [OneWay]
    Task FailOneWay(string gate);

    Task<string> WaitOrCancel(string gate, CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task<string> WaitForChange(string gate, CancellationToken cancellationToken);

    Task Hold(string gate);

    Task<string> Never(CancellationToken cancellationToken);

    IAsyncEnumerable<int> Count(int to, string? gate, CancellationToken cancellationToken = default);

    IAsyncEnumerable<int> CountThenFail(int to);

    [AlwaysInterleave]
    Task<string?> ContextValue(string key);

    Task<string> ChangeContext(string key, string value);

    Task<string?> PassContextOn(string other, string key);

    [AlwaysInterleave]
    Task EndOnIdle();
}

public sealed class CallGrain : Grain, ICallGrain
{
    private static readonly AsyncLocal<string?> Ambient = new();

    public static AsyncLocal<string?> AmbientOfCaller => Ambient;

    private string Key => this.GetPrimaryKeyString();

    public Task<string> Echo(string text) => Task.FromResult(text);

    public ValueTask<int> EchoValue(int value) => new(value);

    public async ValueTask NoResult() => await Task.Yield();

    public Task<T> EchoGeneric<T>(T value) => Task.FromResult(value);

    public Task<string> ManyArguments(int a, string? b, long? c, DateTime d, double e, string[] f) =>
        Task.FromResult(FormattableString.Invariant($"{a} {b ?? "none"} {c?.ToString() ?? "none"} {d:O} {e} {string.Join('|', f)}"));

    public async Task Fail(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task FailOwn(string message, int code) => throw new ContractException(message) { Code = code };

    public Task<string> FailBeforeAwait() => throw new ArgumentException("at once");

    public Task FailOneWay(string gate)
    {
        Gates.Open(gate);
        throw new InvalidOperationException("nobody hears this");
    }

    public async Task<string> WaitOrCancel(string gate, CancellationToken cancellationToken)
    {
        Gates.Open($"{gate} started");
        try
        {
            await Gates.Passed(gate).WaitAsync(cancellationToken);
            return "done";
        }
        catch (OperationCanceledException)
        {
            Gates.Open($"{gate} cancelled");
            throw;
        }
    }

    public Task<string> WaitForChange(string gate, CancellationToken cancellationToken) => WaitOrCancel(gate, cancellationToken);

    public async Task Hold(string gate)
    {
        Gates.Open($"{gate} started");
        await Gates.WaitFor(gate);
    }

    public Task<string> Never(CancellationToken cancellationToken)
    {
        Journal.Add(Key, "started");
        return Task.FromResult("never");
    }

    public async IAsyncEnumerable<int> Count(int to, string? gate, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Journal.Add(Key, "enumeration started");
        try
        {
            for (var i = 0; i < to; i++)
            {
                if (gate is not null && i == 2)
                    await Gates.Passed(gate).WaitAsync(cancellationToken);
                yield return i;
            }
        }
        finally
        {
            Gates.Open($"{Key} enumeration ended");
        }
    }

    public async IAsyncEnumerable<int> CountThenFail(int to)
    {
        for (var i = 0; i < to; i++)
            yield return i;
        await Task.Yield();
        throw new InvalidOperationException("no more");
    }

    public Task<string?> ContextValue(string key) => Task.FromResult(RequestContext.Get(key) as string ?? Ambient.Value);

    public Task<string> ChangeContext(string key, string value)
    {
        RequestContext.Set(key, value);
        return Task.FromResult((string)RequestContext.Get(key)!);
    }

    public Task<string?> PassContextOn(string other, string key) => GrainFactory.GetGrain<ICallGrain>(other).ContextValue(key);

    public Task EndOnIdle()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
