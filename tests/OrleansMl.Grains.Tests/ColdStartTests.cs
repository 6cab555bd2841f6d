using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

public sealed class ColdStartTests
{
    private readonly ManualTime _time = new();
    private readonly GatedArtifacts _artifacts = new();
    private readonly ServingOptions _options = new() { LoadAttempts = 1 };

    [Fact]
    public async Task A_request_for_an_evicted_version_waits_until_it_is_loaded_again()
    {
        var (host, view) = await ServeAsync();
        await host.EvictAsync(new ModelVersionId("m", 1));
        Assert.False(view.TryAcquire(1, out _, out _));
        Assert.Null(view.WhyNotReady(1));
        using var gate = new ManualResetEventSlim();
        _artifacts.Gate = gate;
        var requests = Enumerable.Range(0, 5).Select(_ => WhyNotAsync(host, view)).ToArray();
        await Eventually.IsAsync(() => Task.FromResult(_artifacts.Reads == 2 ? null : "The load has not begun."));
        Assert.DoesNotContain(requests, r => r.IsCompleted);
        gate.Set();
        Assert.All(await Task.WhenAll(requests), Assert.Null);
        Assert.True(view.TryAcquire(1, out var lease, out _));
        lease.Dispose();
        Assert.Equal(2, _artifacts.Reads);
    }

    [Fact]
    public async Task A_request_that_has_waited_long_enough_is_told_so_and_the_load_goes_on()
    {
        var (host, view) = await ServeAsync();
        await host.EvictAsync(new ModelVersionId("m", 1));
        using var gate = new ManualResetEventSlim();
        _artifacts.Gate = gate;
        var request = WhyNotAsync(host, view);
        await Eventually.IsAsync(() => Task.FromResult(_artifacts.Reads == 2 && _time.Armed == 1 ? null : "The load has not begun."));
        _time.Advance(9_999);
        Assert.False(request.IsCompleted);
        _time.Advance(1);
        Assert.Contains("has waited 10 s (Serving:ColdStartLimit)", await request, StringComparison.Ordinal);
        gate.Set();
        Assert.Null(await WhyNotAsync(host, view));
    }

    [Fact]
    public async Task What_cannot_be_loaded_is_refused_at_once()
    {
        var manifest = _artifacts.Add("m", 1, "not a model"u8.ToArray());
        var (host, view) = Serve(manifest);
        var reason = await host.LoadAsync(manifest);
        _time.Advance(3_600_000);
        Assert.Equal(reason, await WhyNotAsync(host, view));
        Assert.Equal((1, reason), (_artifacts.Reads, view.WhyNotReady(1)));
    }

    [Fact]
    public async Task What_could_not_be_loaded_for_a_while_is_tried_again_by_a_later_request()
    {
        var manifest = _artifacts.Add("m", 1, 1);
        var (host, view) = Serve(manifest);
        _artifacts.Failures = 1;
        await host.LoadAsync(manifest);
        Assert.Equal("Too many open files.", await WhyNotAsync(host, view));
        _time.Advance(_options.MaxRetryDelay.TotalMilliseconds);
        Assert.Null(await WhyNotAsync(host, view));
        Assert.Equal(2, _artifacts.Reads);
    }

    private Task<string?> WhyNotAsync(ReplicaHost host, PlanView view) => new ColdStart(host, _options, _time).Begin().WhyNotAsync(view, 1, default).AsTask();

    private async Task<(ReplicaHost Host, PlanView View)> ServeAsync()
    {
        var manifest = _artifacts.Add("m", 1, 1);
        var (host, view) = Serve(manifest);
        Assert.Null(await host.LoadAsync(manifest));
        return (host, view);
    }

    private (ReplicaHost Host, PlanView View) Serve(VersionManifest manifest)
    {
        var host = new ReplicaHost(new VersionLoader(_artifacts), _options, _time, NullLogger<ReplicaHost>.Instance);
        return (host, new PlanView(new ServingPlan("m", 1, 1, ImmutableSortedDictionary<string, int>.Empty, [manifest]), host));
    }
}
