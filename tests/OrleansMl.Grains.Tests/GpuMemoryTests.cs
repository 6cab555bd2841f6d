using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>
/// The limit of a GPU's memory, on a machine without one: sessions fall back to the CPU and count as if they were on GPU 0, whose
/// free memory the test says.
/// </summary>
public sealed class GpuMemoryTests
{
    private const long Mib = 1 << 20;

    /// <summary>What a small file counts as before it was loaded.</summary>
    private const long Floor = 16 * Mib;

    private const string OneSession = """{"instance_group":[{"kind":"KIND_GPU","gpus":[0]}]}""";
    private const string TwoSessions = """{"instance_group":[{"kind":"KIND_GPU","gpus":[0],"count":2}]}""";
    private const string OnCpu = """{"instance_group":[{"kind":"KIND_CPU"}]}""";

    private readonly GatedArtifacts _artifacts = new();
    private readonly ManualTime _time = new();
    private long? _free;

    [Fact]
    public async Task Sessions_of_all_versions_on_a_GPU_share_its_limit_and_the_one_unused_for_longest_goes()
    {
        var host = Host(2 * Floor);
        var (one, two, three) = (_artifacts.Add("a", 1, 1), _artifacts.Add("b", 1, 2), _artifacts.Add("c", 1, 3));
        Assert.NotNull((await host.GetAsync(one, OneSession)).Handle);
        Assert.NotNull((await host.GetAsync(two, OneSession)).Handle);
        Use(host, two);
        Use(host, one);
        Assert.NotNull((await host.GetAsync(three, OneSession)).Handle);
        Assert.Equal([LifeState.Available, LifeState.Unloaded, LifeState.Available], new[] { one, two, three }.Select(m => LifeOf(host, m).State));
        Assert.Contains("the limit for memory of GPU 0", LifeOf(host, two).Reason, StringComparison.Ordinal);
        Assert.Equal(Floor, LifeOf(host, three).GpuBytes[0]);
    }

    [Fact]
    public async Task Each_session_counts_and_a_version_that_can_never_fit_is_refused_with_the_figures()
    {
        var host = Host(2 * Floor, "a");
        Assert.NotNull((await host.GetAsync(_artifacts.Add("a", 1, 1), OneSession)).Handle);
        var refused = await host.ProveAsync(_artifacts.Add("b", 1, 2), TwoSessions);
        Assert.Equal($"it takes about {2 * Floor} bytes, and {Floor} of the limit for memory of GPU 0 of {2 * Floor} are in use by versions that do not give way to it; raise Serving:Devices:GpuMemoryLimitBytes, or pin and load fewer", refused.Refusal);
        Assert.Equal((LifeState.Unloaded, 0), (host.LifeOf(new("b", 1))!.State, host.LifeOf(new("b", 1))!.GpuBytes.Count));
        Assert.Contains($"more than the limit for memory of GPU 0 of {2 * Floor}", (await host.ProveAsync(_artifacts.Add("c", 1, new byte[40 * Mib]), OneSession)).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_on_the_CPU_neither_take_of_the_limit_nor_give_way_to_it()
    {
        var host = Host(Floor, gpus: new GpuMemory { IsThere = static d => d.Number == 0, FreeBytes = static _ => null, DeviceOf = static p => p.FallbackReason is null ? p.Device : "cuda:0" });
        Assert.NotNull((await host.GetAsync(_artifacts.Add("cpu", 1, 1), OnCpu)).Handle);
        Assert.NotNull((await host.GetAsync(_artifacts.Add("a", 1, 1), OneSession)).Handle);
        Assert.NotNull((await host.GetAsync(_artifacts.Add("b", 1, 1), OneSession)).Handle);
        Assert.Equal([LifeState.Unloaded, LifeState.Available, LifeState.Available], new[] { "a", "b", "cpu" }.Select(m => host.LifeOf(new(m, 1))!.State));
        Assert.Empty(host.LifeOf(new("cpu", 1))!.GpuBytes);
    }

    [Fact]
    public async Task A_GPU_that_is_not_there_takes_no_room()
    {
        var host = Host(Mib, gpus: new GpuMemory { IsThere = static _ => false, FreeBytes = static _ => null });
        Assert.NotNull((await host.GetAsync(_artifacts.Add("a", 1, 1), TwoSessions)).Handle);
        Assert.Empty(host.LifeOf(new("a", 1))!.GpuBytes);
    }

    [Fact]
    public async Task What_a_load_took_of_the_free_memory_counts_from_then_on()
    {
        _free = 1_000 * Mib;
        var host = Host(140 * Mib, gpus: Fake(() => _free -= 50 * Mib));
        var six = OneSession.Replace("\"gpus\"", "\"count\":6,\"gpus\"", StringComparison.Ordinal);
        var manifest = _artifacts.Add("a", 1, 1);
        Assert.NotNull((await host.GetAsync(manifest, TwoSessions)).Handle);
        Assert.Equal(50 * Mib, LifeOf(host, manifest).GpuBytes[0]);
        await host.EvictAsync(new("a", 1));
        Assert.Contains($"it takes about {150 * Mib} bytes", (await host.ProveAsync(manifest, six)).Refusal, StringComparison.Ordinal);

        // No plan names it any more: the next is an estimate again.
        await host.UnloadAsync(new("a", 1));
        Assert.NotNull((await host.GetAsync(manifest, six)).Handle);
    }

    [Fact]
    public async Task Another_configuration_needs_room_for_its_sessions_beside_those_that_are_open()
    {
        var host = Host(3 * Floor);
        var manifest = _artifacts.Add("a", 1, 1);
        Assert.NotNull((await host.GetAsync(manifest, TwoSessions)).Handle);
        Assert.Equal(2 * Floor, LifeOf(host, manifest).GpuBytes[0]);

        // One beside two is three; two beside one are three as well.
        Assert.Null(await host.PrepareAsync(manifest, OneSession));
        Assert.Equal(Floor, LifeOf(host, manifest).GpuBytes[0]);
        Assert.Null(await host.PrepareAsync(manifest, TwoSessions));
        var stayed = await host.PrepareAsync(manifest, TwoSessions.Replace("}]}", "}],\"optimization\":{\"graph\":{\"level\":1}}}", StringComparison.Ordinal));
        Assert.Contains($"it takes about {4 * Floor} bytes, more than the limit for memory of GPU 0", stayed, StringComparison.Ordinal);
        Assert.Equal((LifeState.Available, 2 * Floor), (LifeOf(host, manifest).State, LifeOf(host, manifest).GpuBytes[0]));
    }

    [Fact]
    public async Task The_metric_follows_what_is_taken()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var instruments = new ServingInstruments(services.GetRequiredService<IMeterFactory>());
        var sum = 0L;
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (ReferenceEquals(instrument, instruments.GpuBytes)) l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref sum, value));
        listener.Start();
        var host = Host(4 * Floor, instruments: instruments);
        var manifest = _artifacts.Add("a", 1, 1);
        await host.GetAsync(manifest, OneSession);
        Assert.Equal(Floor, sum);
        await host.PrepareAsync(manifest, TwoSessions);
        Assert.Equal(2 * Floor, sum);
        await host.UnloadAsync(new("a", 1));
        Assert.Equal(0, sum);
    }

    private static VersionLife LifeOf(ReplicaHost host, VersionManifest manifest) => host.LifeOf(new(manifest.Model, manifest.Version))!;

    /// <summary>Free memory before a load, and after it.</summary>
    private GpuMemory Fake(Action? loaded = null)
    {
        var looks = 0;
        return new GpuMemory
        {
            IsThere = static _ => true,
            DeviceOf = static _ => "cuda:0",
            FreeBytes = _ =>
            {
                if (++looks % 2 == 0)
                    loaded?.Invoke();
                return _free;
            },
        };
    }

    private void Use(ReplicaHost host, VersionManifest manifest)
    {
        _time.Advance(1);
        Assert.True(host.TryAcquire(new(manifest.Model, manifest.Version), out var lease));
        lease.Dispose();
    }

    private ReplicaHost Host(long limit, string? pinned = null, GpuMemory? gpus = null, ServingInstruments? instruments = null)
    {
        var options = new ServingOptions { Devices = { Fallback = DeviceFallback.Cpu, GpuMemoryLimitBytes = limit } };
        if (pinned is not null)
            options.Pinned.Add(pinned);
        return new ReplicaHost(new VersionLoader(_artifacts, serving: options), options, _time, NullLogger<ReplicaHost>.Instance, instruments) { MeasuresMemory = false, Gpus = gpus ?? Fake() };
    }
}
