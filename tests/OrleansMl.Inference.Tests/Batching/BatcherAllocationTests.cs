namespace OrleansMl.Inference.Tests.Batching;

public sealed class BatcherAllocationTests
{
    [Fact]
    public async Task A_request_at_an_idle_session_allocates_nothing_in_the_batcher()
    {
        await using var batcher = new Batcher((IBatchModel)new StillModel(), new BatchingOptions { MaxBatchRows = 64 }, TimeProvider.System);
        Tensor[] request = [BatcherScenario.Rows(1)];
        for (var i = 0; i < 50; i++)
            Run(batcher, request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Run(batcher, request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

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
