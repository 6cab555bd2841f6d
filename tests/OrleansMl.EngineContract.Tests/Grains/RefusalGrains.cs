namespace OrleansMl.EngineContract.Tests;

/// <summary>May not travel: it is not marked.</summary>
public sealed class UnmarkedMessage
{
    public int Number { get; set; }
}

public interface IRefusingGrain : IGrainWithStringKey
{
    Task Take(object message);

    Task<object> Give();

    Task TakeObserver(INewsObserver observer);
}

public sealed class RefusingGrain : Grain, IRefusingGrain
{
    public Task Take(object message)
    {
        Journal.Add(this.GetPrimaryKeyString(), message.ToString()!);
        return Task.CompletedTask;
    }

    public Task<object> Give() => Task.FromResult<object>(new UnmarkedMessage());

    public Task TakeObserver(INewsObserver observer) => Take(observer);
}
