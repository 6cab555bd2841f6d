using System.Runtime.InteropServices;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>Silos that unload before they load, with room for fewer versions than there are.</summary>
public sealed class ScarceMemoryTests : IAsyncLifetime
{
    private readonly LoopFixture _loop = new()
    {
        Serving = serving =>
        {
            serving.Swap = VersionSwap.ResourcePreserving;
            serving.MemoryBudgetBytes = 5 << 19;
        },
    };

    public Task InitializeAsync() => _loop.InitializeAsync();

    public Task DisposeAsync() => _loop.DisposeAsync();

    [Fact]
    public async Task More_models_than_memory_holds_all_answer()
    {
        // Each counts as 256 KiB at least, so that ten fit at most.
        for (var model = 1; model <= 12; model++)
            Assert.True((await _loop.Control.RegisterAsync(new RegisterVersion($"m{model}", Models.Add(model)), default)).IsSuccess);
        for (var round = 0; round < 2; round++)
        {
            for (var model = 1; model <= 12; model++)
                Assert.Equal(10f + model, await InferAsync($"m{model}"));
        }

        var lives = _loop.Get<ReplicaHost>().Lives;
        Assert.Contains(lives, l => l.State == LifeState.Unloaded);
        Assert.InRange(lives.Sum(l => l.Bytes), 1, 5 << 19);
        var evicted = lives.First(l => l.State == LifeState.Unloaded).Id;
        var info = (await _loop.Control.GetVersionAsync(evicted.Model, evicted.Version, default)).Value;
        Assert.Equal((VersionState.Unloaded, true), (info.State, info.Reason is not null));
        Assert.Null(_loop.Control.WhyNotReady());
    }

    [Fact]
    public async Task Requests_wait_while_a_swap_unloads_before_it_loads()
    {
        for (var add = 1; add <= 2; add++)
            Assert.True((await _loop.Control.RegisterAsync(new RegisterVersion("swapped", Models.Add(add)), default)).IsSuccess);
        using var stop = new CancellationTokenSource();
        var caller = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                Assert.InRange(await InferAsync("swapped"), 11f, 12f);
        });
        int? current = null;
        for (var i = 0; i < 10; i++)
        {
            var next = current == 2 ? 1 : 2;
            var moved = await _loop.Control.SetAliasAsync("swapped", new AliasChange("champion", next, current, null, "test"), default);
            Assert.True(moved.IsSuccess, moved.Error?.Detail);
            Assert.Equal(10f + next, await InferAsync("swapped"));
            if (current is { } old)
                Assert.True((await _loop.Control.UnloadAsync("swapped", old, default)).IsSuccess);
            current = next;
        }

        await stop.CancelAsync();
        await caller;
    }

    private async Task<float> InferAsync(string model)
    {
        var input = new Tensor("x", TensorType.Fp32, new long[] { 1, 1 }, MemoryMarshal.AsBytes<float>([10f]).ToArray());
        var result = await _loop.Inference.InferAsync(new InferRequest(model, null, [input], []), default);
        Assert.True(result.IsSuccess, result.Error?.Detail);
        return MemoryMarshal.Read<float>(result.Value.Outputs[0].Data.Span);
    }
}
