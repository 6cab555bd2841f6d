using Orleans.Hosting;

namespace OrleansMl.Streams.Tests.Contract;

/// <summary>A stream provider over one kind of log, for <see cref="StreamProviderContract{THarness}"/>. Its log outlives the clusters of a test.</summary>
public interface IProviderHarness : IAsyncDisposable
{
    /// <summary>Name under which the provider is added.</summary>
    string Provider { get; }

    /// <summary>The log, beside the cluster: to look at positions, and to append while no cluster runs.</summary>
    ILogTransport Transport { get; }

    /// <summary>A log of the test's own, with the namespaces <c>single</c> and <c>events</c>. Skips the test where it cannot be had.</summary>
    Task StartAsync();

    void Configure(ISiloBuilder silo, Action<LogStreamOptions> deliver);

    void Configure(IClientBuilder client);

    /// <summary>Puts something into the log that is no record, among those of the stream. False: this log holds only records.</summary>
    Task<bool> TryAppendGarbageAsync(string streamNamespace, string streamKey);

    /// <summary>The log goes away as in a crash, and comes back with what it had. False: it lives and dies with the silo.</summary>
    Task<bool> TryCrashAsync(Func<Task> whileAway);
}
