using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Benchmarks;

/// <summary>ONNX Runtime without anything around it: batches that lie ready, run one after the other by a few callers.</summary>
internal sealed class PlainOnnx : IDisposable
{
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;
    private readonly long[] _row;

    /// <param name="model">With one input of 32-bit floats, of which only the first dimension is free.</param>
    /// <param name="threads">That share one operator.</param>
    public PlainOnnx(byte[] model, int threads)
    {
        _options = Options(threads);
        _session = new InferenceSession(model, _options);
        _inputs = [.. _session.InputMetadata.Keys];
        _outputs = [.. _session.OutputMetadata.Keys];
        _row = [.. _session.InputMetadata[_inputs[0]].Dimensions.Skip(1).Select(d => (long)d)];
    }

    /// <summary>Floats of one row.</summary>
    public int Width => (int)_row.Aggregate(1L, (a, b) => a * b);

    /// <summary>The settings that the server opens its sessions with.</summary>
    public static SessionOptions Options(int threads)
    {
        var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    /// <summary>The batch, among those tried, with which the most rows are done in a second.</summary>
    public static Way FindBest(byte[] model, IReadOnlyList<int> batches, TimeSpan each)
    {
        Way? best = null;
        var cores = Environment.ProcessorCount;
        // All cores for one batch after the other, or a batch on each.
        foreach (var (threads, callers) in cores == 1 ? [(1, 1)] : ((int, int)[])[(1, cores), (cores, 1)])
        {
            using var plain = new PlainOnnx(model, threads);
            foreach (var batch in batches)
            {
                plain.Run(batch, callers, each / 4);
                var way = new Way(batch, threads, callers, plain.Run(batch, callers, each));
                if (best is null || way.Rate > best.Rate)
                    best = way;
            }
        }

        return best!;
    }

    /// <summary>Rows a second.</summary>
    public double Run(int batch, int callers, TimeSpan duration)
    {
        long runs = 0;
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, callers).Select(_ => new Thread(() =>
        {
            var data = new float[batch * Width];
            var random = new Random(1);
            for (var i = 0; i < data.Length; i++)
                data[i] = random.NextSingle();
            using var input = OrtValue.CreateTensorValueFromMemory(data, [batch, .. _row]);
            OrtValue[] values = [input];
            do
            {
                using var outputs = _session.Run(_runOptions, _inputs, values, _outputs);
                Interlocked.Increment(ref runs);
            }
            while (clock.Elapsed < duration);
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return runs * batch / clock.Elapsed.TotalSeconds;
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
        _runOptions.Dispose();
    }

    /// <param name="Batch">Rows of a run.</param>
    /// <param name="Threads">That share one operator.</param>
    /// <param name="Callers">Runs at once.</param>
    /// <param name="Rate">Rows a second, when it was tried.</param>
    internal sealed record Way(int Batch, int Threads, int Callers, double Rate);
}
