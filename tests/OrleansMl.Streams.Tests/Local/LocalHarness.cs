using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Streams.Tests.Contract;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Local;

/// <summary>The provider over an embedded store, which all clusters of a test share.</summary>
public sealed class LocalHarness : IProviderHarness
{
    private readonly StoreFolder _folder = new();
    private EmbeddedStore? _store;

    public string Provider => "local";

    public ILogTransport Transport => new LocalTransport(Store.Streams);

    private EmbeddedStore Store => _store ?? throw new InvalidOperationException("The harness has not been started.");

    public Task StartAsync()
    {
        _store = _folder.Open(queues: 4);
        return Task.CompletedTask;
    }

    public void Configure(ISiloBuilder silo, Action<LogStreamOptions> deliver) => silo.AddEmbeddedStore(Store).AddLocalStreams(Provider, deliver);

    public void Configure(IClientBuilder client)
    {
        client.Services.AddSingleton(Store.Streams);
        client.AddLocalStreams(Provider);
    }

    public async Task<bool> TryAppendGarbageAsync(string streamNamespace, string streamKey)
    {
        await Store.Streams.AppendAsync([new StreamAppend(streamNamespace, streamKey, new byte[] { 99, 1, 2 })]);
        return true;
    }

    public Task<bool> TryCrashAsync(Func<Task> whileAway) => Task.FromResult(false);

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
