namespace OrleansMl.Inference.Tests.Batching;

public sealed class BatcherAllocationTests
{
    [Fact]
    public async Task A_request_at_an_idle_session_allocates_nothing_in_the_batcher()
    {
        await using var batcher = new Batcher((IBatchModel)new StillModel(), new BatchingOptions { MaxBatchRows = 64 }, TimeProvider.System, othersWait: static () => false);
        Tensor[] request = [BatcherScenario.Rows(1)];
        for (var i = 0; i < 50; i++)
            Run(batcher, request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Run(batcher, request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task A_request_that_waits_allocates_nothing_in_the_batcher_when_others_have_before_it()
    {
        const int Width = 8;
        await using var batcher = new Batcher((IBatchModel)new StillModel(), new BatchingOptions { MaxBatchRows = 64 }, TimeProvider.System, othersWait: static () => true);
        Tensor[] request = [BatcherScenario.Rows(1)];
        await TogetherAsync(batcher, request, Width, 2000);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await TogetherAsync(batcher, request, Width, 2000);
        var perRequest = (GC.GetTotalAllocatedBytes(precise: true) - before) / (2000.0 * Width);

        // The batch's array and its tensor are shared by its requests, and each has its slice of the outputs: a tensor, its
        // shape and the array around it. A request of its own would take several times as much.
        Assert.InRange(perRequest, 0, 600);
    }

    private static Task TogetherAsync(Batcher batcher, Tensor[] request, int callers, int each) => Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
    {
        for (var i = 0; i < each; i++)
            Assert.True((await batcher.RunAsync(request)).TryGet(out var _, out var _));
    })));

    private static void Run(Batcher batcher, Tensor[] request)
    {
        var answer = batcher.RunAsync(request);
        Assert.True(answer.IsCompletedSuccessfully, "It did not run on its caller's thread.");
        _ = answer.Result;
    }

    /// <summary>Gives the same answer to all, and allocates nothing for it.</summary>
    private sealed class StillModel : IBatchModel
    {
        private readonly Tensor[] _answer = [Vectors.Of("out", TensorType.Int64, [1, 1], [1L])];

        public ModelSignature Signature { get; } = new ScriptedModel().Signature;

        public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, TimeProvider time, out RunPhases phases)
        {
            phases = default;
            return _answer;
        }
    }
}
