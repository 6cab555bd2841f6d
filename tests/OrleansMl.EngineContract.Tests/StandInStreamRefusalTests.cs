using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.EngineContract.Tests;

/// <summary>What the public engine's streams can do and the stand-in's cannot.</summary>
public sealed class StandInStreamRefusalTests(StreamCluster streams) : StreamTest(streams)
{
    [Fact]
    public async Task A_client_that_consumes_is_refused_with_the_remedy()
    {
        var stream = Streams.Cluster.Client.GetStreamProvider("memory").GetStream<Note>(StreamId.Create("followed", NewKey()));
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => stream.SubscribeAsync((_, _) => Task.CompletedTask));
        Assert.Contains("OmlEngine=orleans", error.Message, StringComparison.Ordinal);
    }
}
