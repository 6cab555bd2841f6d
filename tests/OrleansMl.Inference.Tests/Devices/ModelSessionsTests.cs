using System.Collections.Concurrent;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Devices;

/// <summary>A model in several sessions, and sessions replaced under load.</summary>
public sealed class ModelSessionsTests
{
    private static readonly OnnxModelOptions s_cpu = OnnxModelOptions.Default;

    [Fact]
    public void Sessions_answer_alike_and_say_where_they_are()
    {
        using var sessions = ModelSessions.Open(Plus(1), new SessionGroup(s_cpu, 2), new SessionGroup(s_cpu));
        Assert.Equal([new SessionPlace("cpu", 2, null), new SessionPlace("cpu", 1, null)], sessions.Places.AsEnumerable());
        for (var i = 0; i < 5; i++)
            Assert.Equal([i + 1f], Run(sessions, i));
    }

    [Fact]
    public void A_run_goes_to_the_session_that_is_least_busy()
    {
        using var set = SessionSet.Open(Plus(1), [new SessionGroup(s_cpu, 2), new SessionGroup(s_cpu)]);
        _ = set.Rent(out var first);
        _ = set.Rent(out var second);
        _ = set.Rent(out var third);
        Assert.Equal((0, 1, 0), (first, second, third));
        set.Return(second);
        _ = set.Rent(out var fourth);
        Assert.Equal(1, fourth);
    }

    [Fact]
    public async Task Sessions_that_are_replaced_under_load_cost_no_answer()
    {
        using var sessions = ModelSessions.Open(Plus(1), new SessionGroup(s_cpu));
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentBag<Exception>();
        using var begun = new CountdownEvent(4);
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var served = 0; !stop.IsCancellationRequested; served++)
                {
                    if (Record.Exception(() => Assert.Equal([3f], Run(sessions, 2))) is { } failure)
                        failures.Add(failure);
                    if (served == 0)
                        begun.Signal();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        begun.Wait();
        for (var i = 0; i < 20; i++)
            sessions.Replace(Plus(1), [new SessionGroup(s_cpu with { IntraOpThreads = 1 + (i % 2) }), new SessionGroup(s_cpu)]);
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Empty(failures);
    }

    [Fact]
    public void Sessions_that_cannot_be_had_leave_those_that_were()
    {
        using var sessions = ModelSessions.Open(Plus(1), new SessionGroup(s_cpu));
        Assert.Throws<ModelLoadException>(() => sessions.Replace(Plus(1), [new SessionGroup(s_cpu), new SessionGroup(s_cpu with { Device = "cuda:9999" })]));
        Assert.Equal([2f], Run(sessions, 1));
        Assert.Single(sessions.Places);
    }

    [Fact]
    public void Sessions_that_fall_back_to_the_CPU_are_one_there()
    {
        var gpu = s_cpu with { Fallback = DeviceFallback.Cpu };
        using var sessions = ModelSessions.Open(Plus(1), new SessionGroup(gpu with { Device = "cuda:9998" }), new SessionGroup(gpu with { Device = "tensorrt:9999" }));
        var place = Assert.Single(sessions.Places);
        Assert.Equal(("cpu", 2), (place.Device, place.Runs));
        Assert.Contains("cuda:9998", place.FallbackReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_session_is_warmed_and_a_size_is_one_step()
    {
        using var sessions = ModelSessions.Open(Plus(1), new SessionGroup(s_cpu), new SessionGroup(s_cpu));
        var steps = sessions.Warm([1, 4], TimeProvider.System);
        Assert.Equal([(1, null), (4, (string?)null)], steps.Select(s => (s.BatchSize, s.Failure)));
    }

    [Fact]
    public void What_is_disposed_refuses_to_run()
    {
        var sessions = ModelSessions.Open(Plus(1), new SessionGroup(s_cpu));
        sessions.Dispose();
        sessions.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Run(sessions, 1));
    }

    private static byte[] Plus(float add) =>
        Graphs.Model(Graphs.Node("Add", ["x", "c"], ["y"])).In("x", DataType.Float, "n", 1).Out("y", DataType.Float, "n", 1).Floats("c", [1], add).Bytes();

    private static float[] Run(ModelSessions sessions, float x) => sessions.Run([Vectors.Of("x", TensorType.Fp32, [1, 1], x)])[0].Values<float>();
}
