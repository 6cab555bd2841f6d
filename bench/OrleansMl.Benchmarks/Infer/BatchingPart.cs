using System.Diagnostics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Inference;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// What gathering requests costs against batches that lie ready: SqueezeNet through the server with binary tensors, and a small
/// network in process with 32 rows a request; each against the batch that plain ONNX Runtime does fastest.
/// </summary>
internal static class BatchingPart
{
    private const string SqueezeNet = "onnx-squeezenet/light_squeezenet.onnx";
    private const int ImageConnections = 32;
    private const int RowsEach = 32;
    private const int FewCallers = 32;

    private static readonly int[] s_imageBatches = [1, 2, 4, 8, 16];
    private static readonly int[] s_rowBatches = [32, 64, 128, 256, 512, 1024, 2048];
    private static readonly TimeSpan s_trial = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan s_learning = TimeSpan.FromSeconds(6);

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings) => [.. await InProcessAsync(settings), .. await ImagesAsync(settings)];

    private static async Task<IReadOnlyList<BenchResult>> InProcessAsync(InferSettings settings)
    {
        const int Width = 64;
        var bytes = BenchModel.Create(Width, 256, 8);
        var best = PlainOnnx.FindBest(bytes, s_rowBatches, s_trial);
        Console.Error.WriteLine($"64-256-8, plain ONNX Runtime is fastest with {best}");
        using var plain = new PlainOnnx(bytes, best.Threads);

        // The runtime's best way is one batch for all cores, or one for each, by turns: they differ by less than the noise. Requests come by for as long as
        // a session is free to be filled, so the batcher has a session for each core.
        var sessions = Environment.ProcessorCount;
        using var model = OnnxModel.Load(bytes, new OnnxModelOptions { IntraOpThreads = 1 });
        await using var batcher = new Batcher(model, new BatchingOptions { MaxBatchRows = s_rowBatches[^1], Instances = sessions }, TimeProvider.System);
        Tensor[] request = [new("x", TensorType.Fp32, new long[] { RowsEach, Width }, MemoryMarshal.AsBytes(InferModel.Row(RowsEach * Width).AsSpan()).ToArray())];

        // As many as fill the largest batch in every session; and fewer, whose batches cannot be that large.
        var many = Math.Max(2 * FewCallers, s_rowBatches[^1] * sessions / RowsEach);
        await GatherAsync(batcher, request, many, s_learning);
        List<BenchResult> results = [];
        foreach (var callers in (int[])[many, FewCallers])
        {
            var windows = await Paired<Throughput>.RunAsync(
                settings, $"64-256-8, {callers} callers of {RowsEach} rows, batcher | plain",
                () => GatherAsync(batcher, request, callers, settings.Window),
                () => Task.FromResult(new Throughput(plain.Run(best.Batch, best.Callers, settings.Window))));
            results.Add(windows.Result($"batching 64-256-8: rows of {callers} callers, against the best batch", "1/s", t => t.Rate));
        }

        return results;
    }

    private static async Task<Throughput> GatherAsync(Batcher batcher, Tensor[] request, int callers, TimeSpan window)
    {
        long answered = 0;
        var before = batcher.Statistics.ExecutionCount;
        using var over = new CancellationTokenSource(window);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var mine = 0L;
            while (!over.IsCancellationRequested)
            {
                if (!(await batcher.RunAsync(request)).TryGet(out var _, out var rejection))
                    throw new InvalidOperationException(rejection.Detail);
                mine++;
            }

            Interlocked.Add(ref answered, mine);
        })));
        return new Throughput(answered * RowsEach / clock.Elapsed.TotalSeconds, answered * RowsEach / Math.Max(1.0, batcher.Statistics.ExecutionCount - before));
    }

    private static async Task<IReadOnlyList<BenchResult>> ImagesAsync(InferSettings settings)
    {
        var file = Path.Combine(Environment.GetEnvironmentVariable("ORLEANSML_DATA") is { Length: > 0 } given ? given : Path.Combine(BenchResults.FindRoot(), "..", "shared", "data"), SqueezeNet);
        if (!File.Exists(file))
        {
            Console.Error.WriteLine($"SqueezeNet is left out: there is no '{file}'; set ORLEANSML_DATA to the folder with the data sets.");
            return [];
        }

        var model = WithFreeBatch(await File.ReadAllBytesAsync(file), out var input);
        var best = PlainOnnx.FindBest(model, s_imageBatches, s_trial);
        Console.Error.WriteLine($"SqueezeNet, plain ONNX Runtime is fastest with {best}");
        using var plain = new PlainOnnx(model, best.Threads);

        // Both have the threads and the sessions that are best for this model on this machine; the sizes of its batches the server finds itself.
        var config = $"max_batch_size: {s_imageBatches[^1]}\ndynamic_batching {{ }}\ninstance_group [ {{ count: {best.Callers} }} ]\nparameters {{ key: \"intra_op_thread_count\" value: {{ string_value: \"{best.Threads}\" }} }}\n";
        await using var servers = await InferServers.StartAsync(model, config);
        var body = InferModel.Binary(input, [1, 3, 224, 224], InferModel.Row(plain.Width), out var json);
        using var client = new LoadClient(servers.Oml.Address, HttpConnection.Post(servers.Oml.Address, InferModel.Path, body, json), ImageConnections);

        // It finds out in a few seconds which batches are fastest.
        client.Closed(s_learning).Demand();
        var windows = await Paired<Throughput>.RunAsync(
            settings, $"SqueezeNet, {ImageConnections} connections with binary tensors | plain",
            () => Task.FromResult(new Throughput(client.Closed(settings.Window).Demand().Rate)),
            () => Task.FromResult(new Throughput(plain.Run(best.Batch, best.Callers, settings.Window))));
        return [windows.Result("batching SqueezeNet: images, against the best batch", "1/s", t => t.Rate)];
    }

    /// <summary>The published graph takes one image; nothing in it depends on that.</summary>
    private static byte[] WithFreeBatch(byte[] file, out string input)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        var weights = model.Graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        input = model.Graph.Input.First(i => !weights.Contains(i.Name)).Name;
        foreach (var value in model.Graph.Input.Where(i => !weights.Contains(i.Name)).Concat(model.Graph.Output))
            value.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimParam = "N" };
        model.Graph.ValueInfo.Clear();
        return model.ToByteArray();
    }

    /// <param name="Rate">Rows a second.</param>
    /// <param name="Batch">Rows of a run, on average; 0: not counted.</param>
    private sealed record Throughput(double Rate, double Batch = 0)
    {
        public override string ToString() => FormattableString.Invariant($"{Rate:F0}/s{(Batch > 0 ? FormattableString.Invariant($" in batches of {Batch:F0}") : "")}");
    }
}
