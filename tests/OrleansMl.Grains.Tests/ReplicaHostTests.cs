using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

public sealed class ReplicaHostTests
{
    private readonly ManualTime _time = new();
    private readonly GatedArtifacts _artifacts = new();

    [Fact]
    public async Task A_load_that_fails_for_a_while_is_tried_again_with_growing_pauses()
    {
        var host = Host(new ServingOptions { RetryDelay = TimeSpan.FromSeconds(1), LoadAttempts = 4 });
        var manifest = _artifacts.Add("m", 1, 1);
        _artifacts.Failures = 2;
        var loading = host.GetAsync(manifest);
        await UntilAsync(() => _time.Armed == 1);
        Assert.Equal((LifeState.Queued, "attempt 1 of 4 failed: Too many open files."), StateOf(host, manifest));
        _time.Advance(999);
        Assert.Equal(1, _artifacts.Reads);
        _time.Advance(1);
        await UntilAsync(() => _time.Armed == 1);
        Assert.Equal(2, _artifacts.Reads);
        _time.Advance(1999);
        Assert.Equal(2, _artifacts.Reads);
        _time.Advance(1);
        Assert.NotNull((await loading).Handle);
        Assert.Equal((LifeState.Available, null), StateOf(host, manifest));
    }

    [Fact]
    public async Task A_load_that_fails_too_often_says_why_and_is_tried_again_when_asked_for()
    {
        var host = Host(new ServingOptions { LoadAttempts = 1 });
        var manifest = _artifacts.Add("m", 1, 1);
        _artifacts.Failures = 1;
        Assert.Equal("Too many open files.", await host.LoadAsync(manifest));
        Assert.Equal((LifeState.Failed, "Too many open files."), StateOf(host, manifest));
        Assert.Null(await host.LoadAsync(manifest));
        Assert.Equal((LifeState.Available, null), StateOf(host, manifest));
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_not_tried_twice_and_its_reason_stays_visible()
    {
        var host = Host();
        var manifest = _artifacts.Add("m", 1, "not a model"u8.ToArray());
        var reason = await host.LoadAsync(manifest);
        Assert.NotNull(reason);
        Assert.Equal((1, 0, 0), (_artifacts.Reads, _time.Armed, host.Count));
        Assert.Equal((LifeState.Failed, reason), StateOf(host, manifest));
        Assert.False(host.LifeOf(IdOf(manifest))!.MayPass);
    }

    [Fact]
    public async Task No_more_loads_run_at_once_than_there_are_loaders_and_the_others_are_queued()
    {
        var host = Host(new ServingOptions { Loaders = 2 });
        var manifests = Enumerable.Range(1, 5).Select(v => _artifacts.Add("m", v, v)).ToArray();
        using var gate = new ManualResetEventSlim();
        _artifacts.Gate = gate;
        var loads = manifests.Select(m => host.GetAsync(m)).ToArray();
        await UntilAsync(() => _artifacts.Reads == 2 && host.Lives.Length == 5);
        Assert.Equal((2, 3), (host.Lives.Count(l => l.State == LifeState.Loading), host.Lives.Count(l => l.State == LifeState.Queued)));
        gate.Set();
        Assert.All(await Task.WhenAll(loads), l => Assert.NotNull(l.Handle));
        Assert.True(_artifacts.AllOnThreadsOfTheirOwn, "A load ran on a thread of the pool.");
    }

    [Fact]
    public async Task Callers_that_ask_at_once_share_one_load()
    {
        var host = Host();
        var manifest = _artifacts.Add("m", 1, 1);
        var loads = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.GetAsync(manifest)));
        Assert.Single(loads.Select(l => l.Handle).Distinct());
        Assert.Equal(1, _artifacts.Reads);
    }

    [Fact]
    public async Task A_version_that_is_taken_out_drains_before_it_is_gone()
    {
        var host = Host();
        var manifest = _artifacts.Add("m", 1, 1);
        await host.LoadAsync(manifest);
        Assert.True(host.TryAcquire(IdOf(manifest), out var lease));
        var unloading = host.UnloadAsync(IdOf(manifest));
        await UntilAsync(() => host.LifeOf(IdOf(manifest))?.State == LifeState.Draining);
        Assert.False(host.TryAcquire(IdOf(manifest), out _));
        Assert.False(unloading.IsCompleted);
        lease.Dispose();
        await unloading;
        Assert.Null(host.LifeOf(IdOf(manifest)));
    }

    [Fact]
    public async Task What_no_request_has_used_for_longest_goes_when_memory_runs_short()
    {
        var (one, two, three) = (_artifacts.Add("a", 1, 1), _artifacts.Add("b", 1, 2), _artifacts.Add("c", 1, 3));
        var host = Host(new ServingOptions { MemoryBudgetBytes = BudgetFor(2) });
        await host.LoadAsync(one);
        await host.LoadAsync(two);
        Use(host, two);
        Use(host, one);
        await host.LoadAsync(three);
        Assert.Equal([LifeState.Available, LifeState.Unloaded, LifeState.Available], new[] { one, two, three }.Select(m => host.LifeOf(IdOf(m))!.State));
        Assert.Contains("memory budget", host.LifeOf(IdOf(two))!.Reason, StringComparison.Ordinal);
        await host.LoadAsync(two);
        Assert.Equal(LifeState.Unloaded, host.LifeOf(IdOf(one))!.State);
    }

    [Fact]
    public async Task A_pinned_version_never_gives_way_and_the_refusal_says_so()
    {
        var (one, two) = (_artifacts.Add("a", 1, 1), _artifacts.Add("b", 1, 2));
        var host = Host(new ServingOptions { MemoryBudgetBytes = BudgetFor(1), Pinned = { "a" } });
        await host.LoadAsync(one);
        Assert.Contains("Serving:MemoryBudgetBytes", await host.LoadAsync(two), StringComparison.Ordinal);
        Assert.Equal((LifeState.Available, LifeState.Unloaded), (host.LifeOf(IdOf(one))!.State, host.LifeOf(IdOf(two))!.State));
    }

    [Fact]
    public async Task Every_batch_size_of_the_configuration_is_warm_before_the_version_is_available()
    {
        var host = Host();
        var manifest = _artifacts.Add("m", 1, 1);
        const string Stated = """{"max_batch_size": 16, "dynamic_batching": {"preferred_batch_size": [4, 8]}}""";
        var load = await host.GetAsync(manifest, Stated);
        Assert.True(load.Handle!.TryAcquire(out var lease));
        using (lease)
        {
            Assert.True(lease.Model.IsWarmFor(ServedConfig.Of(manifest, Stated)));
            Assert.False(lease.Model.IsWarmFor(ServedConfig.Of(manifest, null)));
            await host.PrepareAsync(manifest, null);
            Assert.True(lease.Model.IsWarmFor(ServedConfig.Of(manifest, null)));
            Assert.Empty(lease.Model.Warm(ServedConfig.Of(manifest, null)));
        }
    }

    /// <summary>A small file counts as the least that a version takes, 256 KiB, until a load has shown more: room for so many, and half of one.</summary>
    private static long BudgetFor(int versions) => ((2 * versions) + 1) * 128L * 1024;

    private static ModelVersionId IdOf(VersionManifest manifest) => new(manifest.Model, manifest.Version);

    private static (LifeState, string?) StateOf(ReplicaHost host, VersionManifest manifest) =>
        host.LifeOf(IdOf(manifest)) is { } life ? (life.State, life.Reason) : default;

    private static Task UntilAsync(Func<bool> condition) => Eventually.IsAsync(() => Task.FromResult(condition() ? null : "The state has not been reached."));

    private void Use(ReplicaHost host, VersionManifest manifest)
    {
        _time.Advance(1);
        Assert.True(host.TryAcquire(IdOf(manifest), out var lease));
        lease.Dispose();
    }

    private ReplicaHost Host(ServingOptions? options = null) =>
        new(new VersionLoader(_artifacts), options ?? new ServingOptions(), _time, NullLogger<ReplicaHost>.Instance) { MeasuresMemory = false };
}
