using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

public sealed class ServingInstrumentsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _measured = new();
    private readonly GatedArtifacts _artifacts = new();

    public ServingInstrumentsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Other tests of this process have instruments of the same name.
            if (ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Loads_retries_failures_and_evictions_are_counted_and_the_bytes_of_what_leaves_are_given_back()
    {
        var host = Host(new ServingOptions { LoadAttempts = 2, RetryDelay = TimeSpan.FromMilliseconds(1) });
        _artifacts.Failures = 1;
        Assert.Null(await host.LoadAsync(_artifacts.Add("m", 1, 1)));
        Assert.NotNull(await host.LoadAsync(_artifacts.Add("m", 2, "not a model"u8.ToArray())));
        Assert.Null(await host.LoadAsync(_artifacts.Add("m", 3, 3)));
        Assert.Equal([("retried", "1"), ("loaded", "1"), ("failed", "2"), ("loaded", "3")], Of("oml-version-loads").Select(m => (Tag(m.Tags, "result"), Tag(m.Tags, "version"))));
        Assert.Equal(2, Of("oml-version-load-duration").Count());
        Assert.True(Bytes("1") > 0 && Bytes("3") > 0);

        await host.EvictAsync(new ModelVersionId("m", 1));
        await host.UnloadAsync(new ModelVersionId("m", 3));
        Assert.Equal("1", Tag(Assert.Single(Of("oml-version-evictions")).Tags, "version"));
        Assert.Equal((0, 0), (Bytes("1"), Bytes("3")));
    }

    private ReplicaHost Host(ServingOptions options) =>
        new(new VersionLoader(_artifacts), options, TimeProvider.System, NullLogger<ReplicaHost>.Instance, new ServingInstruments(_services.GetRequiredService<IMeterFactory>())) { MeasuresMemory = false };

    private IEnumerable<(string Name, double Value, string Tags)> Of(string name) => _measured.Where(m => m.Name == name);

    private double Bytes(string version) => Of("oml-version-loaded-bytes").Where(m => Tag(m.Tags, "version") == version).Sum(m => m.Value);

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue((instrument.Name, value, string.Join(';', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))));

    private static string Tag(string tags, string name) => tags.Split(';').First(t => t.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
}
