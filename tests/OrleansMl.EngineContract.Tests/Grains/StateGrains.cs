using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

[GenerateSerializer]
public sealed class Counted
{
    [Id(0)]
    public int Value { get; set; }

    [Id(1)]
    public List<int> History { get; set; } = [];
}

public interface IStateGrain : IGrainWithStringKey
{
    Task<string> AtActivation();

    Task Set(int value, bool write);

    Task<int> Get();

    Task<(bool Exists, string? ETag, int Value)> Info();

    Task Clear();

    Task Reread();

    Task SetSecond(int value);

    Task<int> GetSecond();

    Task<string> TouchOutsideOfTheTurn();

    Task WriteManyAtOnce(int count);

    Task<Guid> Activation();
}

public sealed class StateGrain(
    [PersistentState("counted")] IPersistentState<Counted> state,
    [PersistentState("other", "second")] IPersistentState<Counted> second) : Grain, IStateGrain
{
    private readonly Guid _activation = Guid.NewGuid();
    private string _atActivation = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _atActivation = $"{state.RecordExists} {state.State.Value}";
        return Task.CompletedTask;
    }

    public Task<string> AtActivation() => Task.FromResult(_atActivation);

    public async Task Set(int value, bool write)
    {
        state.State.Value = value;
        state.State.History.Add(value);
        if (write)
            await state.WriteStateAsync();
    }

    public Task<int> Get() => Task.FromResult(state.State.Value);

    public Task<(bool Exists, string? ETag, int Value)> Info() => Task.FromResult((state.RecordExists, state.Etag, state.State.Value));

    public Task Clear() => state.ClearStateAsync();

    public Task Reread() => state.ReadStateAsync();

    public async Task SetSecond(int value)
    {
        second.State = new Counted { Value = value };
        await second.WriteStateAsync();
    }

    public Task<int> GetSecond() => Task.FromResult(second.State.Value);

    public async Task<string> TouchOutsideOfTheTurn()
    {
        try
        {
            await Task.Run(() => state.State.Value++);
            return "allowed";
        }
        catch (InvalidOperationException)
        {
            return "refused";
        }
    }

    public async Task WriteManyAtOnce(int count)
    {
        var writes = new List<Task>();
        for (var i = 1; i <= count; i++)
        {
            state.State.Value = i;
            writes.Add(state.WriteStateAsync());
        }

        await Task.WhenAll(writes);
    }

    public Task<Guid> Activation() => Task.FromResult(_activation);
}

public interface IConflictGrain : IGrainWithStringKey
{
    Task<Guid> Activation();

    Task Set(int value);

    Task<int> Get();

    /// <summary>Writes behind the state's back, so that its ETag is stale.</summary>
    Task Overwrite(int value);

    Task<string> SetAndCatch(int value);
}

public sealed class ConflictGrain(
    [PersistentState("conflict")] IPersistentState<Counted> state,
    [PersistentState("conflict")] IPersistentState<Counted> again) : Grain, IConflictGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public Task<Guid> Activation() => Task.FromResult(_activation);

    public async Task Set(int value)
    {
        state.State.Value = value;
        await state.WriteStateAsync();
    }

    public Task<int> Get() => Task.FromResult(state.State.Value);

    public async Task Overwrite(int value)
    {
        await again.ReadStateAsync();
        again.State.Value = value;
        await again.WriteStateAsync();
    }

    public async Task<string> SetAndCatch(int value)
    {
        try
        {
            await Set(value);
            return "written";
        }
        catch (Orleans.Storage.InconsistentStateException error)
        {
            return error.StoredEtag != error.CurrentEtag ? "conflict with tags" : "conflict";
        }
    }
}

public interface IMissingStoreGrain : IGrainWithStringKey
{
    Task Touch();
}

public sealed class MissingStoreGrain([PersistentState("x", "nowhere")] IPersistentState<Counted> state) : Grain, IMissingStoreGrain
{
    public Task Touch() => state.WriteStateAsync();
}
