using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrleansMl.Inference;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// Bytes that a request allocates on the managed heap, in process: through the batcher alone at an idle session, and through its
/// queue with others, against the same model without it; and that against the binding's own call.
/// </summary>
internal static class AllocationsPart
{
    private const int Requests = 20_000;
    private const int Callers = 16;

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings)
    {
        var bytes = BenchModel.Create(outputs: 4);
        var row = InferModel.Row(BenchModel.Inputs);
        Tensor[] request = [new("x", TensorType.Fp32, new long[] { 1, row.Length }, MemoryMarshal.AsBytes(row.AsSpan()).ToArray())];
        using var model = OnnxModel.Load(bytes);
        var batching = new BatchingOptions { MaxBatchRows = 64, RunsLargerAlone = true };
        await using var idle = new Batcher(model, batching, TimeProvider.System);
        // Another: after company, requests wait for company.
        await using var busy = new Batcher(model, batching, TimeProvider.System);
        using var options = PlainOnnx.Options(threads: 1);
        using var session = new InferenceSession(bytes, options);
        using var runOptions = new RunOptions();

        var inline = new List<double>();
        var queued = new List<double>();
        var bare = new List<double>();
        var binding = new List<double>();
        for (var i = -1; i < settings.Pairs; i++)
        {
            var (a, b, c) = (Alone(() => Await(idle.RunAsync(request))), Alone(() => model.Run(request)), Alone(Bind));
            var d = await TogetherAsync(busy, request);
            if (i < 0)
                continue;
            inline.Add(a);
            bare.Add(b);
            binding.Add(c);
            queued.Add(d);
        }

        var (direct, plain) = (Figures.Median(bare), Figures.Median(binding));
        return
        [
            Against("allocations: a request at an idle session, against the model without batcher", Figures.Median(inline), direct),
            Against("allocations: a request through the queue, against the model without batcher", Figures.Median(queued), direct),
            Against("allocations: the model without batcher, against the binding's call", direct, plain),
        ];

        // What any caller of the binding has: a value over its memory, a run, a copy of what came out.
        void Bind()
        {
            using var input = OrtValue.CreateTensorValueFromMemory(row, [1, row.Length]);
            using var outputs = session.Run(runOptions, ["x"], [input], ["y"]);
            _ = outputs[0].GetTensorTypeAndShape().Shape;
            _ = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }

    private static BenchResult Against(string name, double value, double baseline) => new(name, value, "B", baseline, value / baseline, Silo.EngineInfo.Name);

    private static double Alone(Action request)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Requests; i++)
            request();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Requests;
    }

    private static void Await(ValueTask<BatchAnswer> answer)
    {
        if (!answer.IsCompletedSuccessfully || !answer.Result.TryGet(out _, out _))
            throw new InvalidOperationException("A request at an idle session did not run on its caller's thread.");
    }

    private static async Task<double> TogetherAsync(Batcher batcher, Tensor[] request)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Requests / Callers; i++)
            {
                if (!(await batcher.RunAsync(request)).TryGet(out var _, out var rejection))
                    throw new InvalidOperationException(rejection.Detail);
            }
        })));
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests;
    }
}
