using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public interface IStringKeyGrain : IGrainWithStringKey
{
    Task<string> GetKey();

    Task<string> GetId();

    Task<Guid> GetActivation();

    Task<IStringKeyGrain> GetSelf();

    Task<string> KeyOf(IStringKeyGrain other);
}

public interface IGuidKeyGrain : IGrainWithGuidKey
{
    Task<Guid> GetKey();
}

public interface IIntegerKeyGrain : IGrainWithIntegerKey
{
    Task<long> GetKey();

    Task<string> GetRawKey();
}

public interface IGuidCompoundKeyGrain : IGrainWithGuidCompoundKey
{
    Task<string> GetKeys();
}

public interface IIntegerCompoundKeyGrain : IGrainWithIntegerCompoundKey
{
    Task<string> GetKeys();
}

public sealed class StringKeyGrain : Grain, IStringKeyGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public Task<string> GetKey() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> GetId() => Task.FromResult(this.GetGrainId().ToString());

    public Task<Guid> GetActivation() => Task.FromResult(_activation);

    public Task<IStringKeyGrain> GetSelf() => Task.FromResult(this.AsReference<IStringKeyGrain>());

    public Task<string> KeyOf(IStringKeyGrain other) => other.GetKey();
}

public sealed class GuidKeyGrain : Grain, IGuidKeyGrain
{
    public Task<Guid> GetKey() => Task.FromResult(this.GetPrimaryKey());
}

[GrainType("contract.integer")]
public sealed class IntegerKeyGrain : Grain, IIntegerKeyGrain
{
    public Task<long> GetKey() => Task.FromResult(this.GetPrimaryKeyLong());

    public Task<string> GetRawKey() => Task.FromResult(this.GetGrainId().Key.ToString());
}

public sealed class GuidCompoundKeyGrain : Grain, IGuidCompoundKeyGrain
{
    public Task<string> GetKeys()
    {
        var key = this.GetPrimaryKey(out var extension);
        return Task.FromResult($"{key:D} and {extension}");
    }
}

public sealed class IntegerCompoundKeyGrain : Grain, IIntegerCompoundKeyGrain
{
    public Task<string> GetKeys()
    {
        var key = this.GetPrimaryKeyLong(out var extension);
        return Task.FromResult($"{key} and {extension}");
    }
}

public interface IShapeGrain : IGrainWithStringKey
{
    Task<string> Name();
}

public sealed class RoundShape : Grain, IShapeGrain
{
    public Task<string> Name() => Task.FromResult("round");
}

public sealed class SquareShape : Grain, IShapeGrain
{
    public Task<string> Name() => Task.FromResult("square");
}

public interface IUnimplementedGrain : IGrainWithStringKey
{
    Task Nothing();
}

public interface IGreetingExtension : Orleans.Runtime.IGrainExtension
{
    Task<string> Greet(string name);
}

public sealed class GreetingExtension(IGrainContextAccessor accessor) : IGreetingExtension
{
    public Task<string> Greet(string name) => Task.FromResult($"{accessor.GrainContext.GrainId.Key} greets {name}");
}
