using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Utilities;

namespace OrleansMl.EngineContract.Tests;

public interface INewsObserver : IGrainObserver
{
    void OnNews(string text);

    Task<string> Ask(string question);
}

public interface IPublisherGrain : IGrainWithStringKey
{
    Task Subscribe(INewsObserver observer);

    Task Unsubscribe(INewsObserver observer);

    Task Publish(string text);

    Task<int> Count();

    Task<string> AskAll(string question);

    Task<string> AskOne(INewsObserver observer, string question);
}

public sealed class PublisherGrain : Grain, IPublisherGrain
{
    private readonly ObserverManager<INewsObserver> _observers = new(TimeSpan.FromMinutes(5), NullLogger.Instance);

    public Task Subscribe(INewsObserver observer)
    {
        _observers.Subscribe(observer, observer);
        return Task.CompletedTask;
    }

    public Task Unsubscribe(INewsObserver observer)
    {
        _observers.Unsubscribe(observer);
        return Task.CompletedTask;
    }

    public Task Publish(string text)
    {
        _observers.Notify(observer => observer.OnNews(text));
        return Task.CompletedTask;
    }

    public Task<int> Count() => Task.FromResult(_observers.Count);

    public async Task<string> AskAll(string question)
    {
        var answers = new List<string>();
        await _observers.Notify(async observer => answers.Add(await observer.Ask(question)));
        return string.Join(", ", answers);
    }

    public Task<string> AskOne(INewsObserver observer, string question) => observer.Ask(question);
}

internal sealed class NewsReader(string name) : INewsObserver
{
    public void OnNews(string text)
    {
        Journal.Add(name, text);
        Gates.Open($"{name} {text}");
    }

    public Task<string> Ask(string question) =>
        question == "fail" ? throw new InvalidOperationException("no answer") : Task.FromResult($"{question}!");
}
