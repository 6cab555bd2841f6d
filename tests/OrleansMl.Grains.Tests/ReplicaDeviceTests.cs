using Microsoft.Extensions.Logging;
using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>Versions on devices: what is done when one cannot be had, and what is said.</summary>
public sealed class ReplicaDeviceTests
{
    private const string OnGpu = """{"instance_group":[{"kind":"KIND_GPU","gpus":[9999]}]}""";

    private readonly GatedArtifacts _artifacts = new();
    private readonly RecordedLog<ReplicaHost> _log = new();

    [Fact]
    public async Task A_version_whose_device_is_not_there_is_refused_for_good_with_the_reason()
    {
        var host = Host(new ServingOptions());
        var load = await host.GetAsync(_artifacts.Add("m", 1, 1), OnGpu);
        Assert.Null(load.Handle);
        Assert.Contains("'cuda:9999' cannot be had", load.Reason, StringComparison.Ordinal);
        Assert.Equal((LifeState.Failed, false), (host.LifeOf(new("m", 1))!.State, host.LifeOf(new("m", 1))!.MayPass));
    }

    [Fact]
    public async Task A_version_that_may_fall_back_runs_on_the_CPU_and_says_why()
    {
        var host = Host(new ServingOptions { Devices = { Fallback = DeviceFallback.Cpu } });
        var load = await host.GetAsync(_artifacts.Add("m", 1, 1), OnGpu);
        Assert.NotNull(load.Handle);
        var life = host.LifeOf(new("m", 1))!;
        Assert.Equal(("cpu", LifeState.Available), (Assert.Single(life.Places).Device, life.State));
        Assert.Contains("'cuda:9999' cannot be had", life.Reason, StringComparison.Ordinal);
        Assert.Contains(_log.Lines, l => l.Level == LogLevel.Information && l.Text == "m version 1 runs in 1 session on cpu.");
        Assert.Contains(_log.Lines, l => l.Level == LogLevel.Warning && l.Text.Contains("'cuda:9999' cannot be had", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_configuration_opens_other_sessions_of_what_is_loaded()
    {
        var host = Host(new ServingOptions());
        var manifest = _artifacts.Add("m", 1, 1);
        await host.LoadAsync(manifest);
        Assert.Equal(1, _artifacts.Reads);
        await host.PrepareAsync(manifest, """{"parameters":{"intra_op_thread_count":{"string_value":"1"}}}""");
        Assert.Equal(2, _artifacts.Reads);
        await host.PrepareAsync(manifest, """{"max_batch_size":8,"parameters":{"intra_op_thread_count":{"string_value":"1"}}}""");
        Assert.Equal(2, _artifacts.Reads);
        Assert.Equal([3f], Run(host, 2));
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_carried_out_leaves_the_version_as_it_was()
    {
        var host = Host(new ServingOptions());
        var manifest = _artifacts.Add("m", 1, 1);
        await host.LoadAsync(manifest);
        await host.PrepareAsync(manifest, OnGpu);
        Assert.Equal([3f], Run(host, 2));
        Assert.Equal("cpu", Assert.Single(host.LifeOf(new("m", 1))!.Places).Device);
        Assert.Contains(_log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains("it runs on cpu as before", StringComparison.Ordinal) && l.Text.Contains("cuda:9999", StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_many_runs_go_on_at_once_as_the_instances_count()
    {
        var host = Host(new ServingOptions { Devices = { Fallback = DeviceFallback.Cpu } });
        const string Stated = """{"max_batch_size":4,"instance_group":[{"kind":"KIND_GPU","gpus":[9998,9999],"count":2},{"kind":"KIND_CPU","count":3}]}""";
        var manifest = _artifacts.Add("m", 1, 1);
        var load = await host.GetAsync(manifest, Stated);
        Assert.True(load.Handle!.TryAcquire(out var lease));
        using (lease)
            Assert.Equal(7, lease.Model.BatcherOf(ServedConfig.Of(manifest, Stated)).Options.Instances);
        Assert.Equal([("cpu", 4), ("cpu", 3)], host.LifeOf(new("m", 1))!.Places.Select(p => (p.Device, p.Runs)));
    }

    [Fact]
    public async Task A_proof_loads_by_the_configuration_and_is_whole_where_nothing_is_missing()
    {
        var host = Host(new ServingOptions());
        var manifest = _artifacts.Add("m", 1, 1);
        const string Stated = """{"max_batch_size":8,"dynamic_batching":{"preferred_batch_size":[4]},"parameters":{"intra_op_thread_count":{"string_value":"1"}}}""";
        Assert.True((await host.ProveAsync(manifest, Stated)).IsWhole);
        Assert.True(host.TryAcquire(new("m", 1), out var lease));
        using (lease)
            Assert.True(lease.Model.IsWarmFor(ServedConfig.Of(manifest, Stated)));

        // Its replica finds it as it is.
        await host.PrepareAsync(manifest, Stated);
        Assert.Equal(1, _artifacts.Reads);
    }

    [Theory]
    [InlineData(DeviceFallback.Refuse)]
    [InlineData(DeviceFallback.Cpu)]
    public async Task A_proof_without_the_device_is_refused_or_says_what_it_has_not_shown(DeviceFallback fallback)
    {
        var proof = await Host(new ServingOptions { Devices = { Fallback = fallback } }).ProveAsync(_artifacts.Add("m", 1, 1), OnGpu);
        Assert.Contains("'cuda:9999' cannot be had", fallback == DeviceFallback.Refuse ? proof.Refusal : proof.NotProven, StringComparison.Ordinal);
        Assert.Null(fallback == DeviceFallback.Refuse ? proof.NotProven : proof.Refusal);
    }

    [Fact]
    public async Task What_is_in_memory_is_proven_by_the_configuration_too_and_stays_where_that_cannot_be()
    {
        var host = Host(new ServingOptions());
        var manifest = _artifacts.Add("m", 1, 1);
        await host.LoadAsync(manifest);
        var proof = await host.ProveAsync(manifest, OnGpu);
        Assert.Null(proof.Refusal);
        Assert.Contains("'cuda:9999' cannot be had", proof.NotProven, StringComparison.Ordinal);
        Assert.Equal((LifeState.Available, proof.NotProven), (host.LifeOf(new("m", 1))!.State, host.LifeOf(new("m", 1))!.Reason));
        Assert.True((await host.ProveAsync(manifest, "{}")).IsWhole);
        Assert.Null(host.LifeOf(new("m", 1))!.Reason);
        Assert.Equal([3f], Run(host, 2));
    }

    private static float[] Run(ReplicaHost host, float x)
    {
        Assert.True(host.TryAcquire(new("m", 1), out var lease));
        using (lease)
        {
            var outputs = lease.Model.Artifact.Run([new Tensor("x", TensorType.Fp32, new long[] { 1, 1 }, BitConverter.GetBytes(x))]);
            return [BitConverter.ToSingle(outputs[0].Data.Span)];
        }
    }

    private ReplicaHost Host(ServingOptions options) => new(new VersionLoader(_artifacts, serving: options), options, new ManualTime(), _log) { MeasuresMemory = false };
}
