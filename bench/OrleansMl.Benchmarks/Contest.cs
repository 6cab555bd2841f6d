using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrleansMl.Inference;
using Tensor = OrleansMl.Inference.Tensor;

namespace OrleansMl.Benchmarks;

/// <summary>One device: plain ONNX Runtime, and the ways in which this product runs the same model there.</summary>
internal sealed class Contest : IDisposable
{
    private readonly DeviceId _device;
    private readonly IReadOnlyList<Tensor> _inputs;
    private readonly InferenceSession _plain;
    private readonly List<(string Name, OnnxModel Model, List<double> Rates)> _ways = [];
    private readonly List<double> _plainRates = [];
    private readonly RunOptions _plainOptions = new();

    private readonly Dictionary<string, OrtValue> _plainInputs;

    // The values point into them, and do not keep them.
    private readonly List<byte[]> _pinned = [];

    private Contest(DeviceId device, IReadOnlyList<Tensor> inputs, InferenceSession plain)
    {
        (_device, _inputs, _plain) = (device, inputs, plain);
        _plainInputs = inputs.ToDictionary(i => i.Name, ValueOf, StringComparer.Ordinal);
    }

    /// <summary>Opens and warms all of them. A way that the model cannot go is named with the reason, and left out.</summary>
    public static Contest On(DeviceId device, byte[] bytes, IReadOnlyList<Tensor> inputs, int rows)
    {
        var ours = new OnnxModelOptions { Device = device.ToString() };
        (string Name, OnnxModelOptions Options)[] ways = device.IsGpu
            ? [
                ("bound", ours),
                ("not bound", ours with { Binding = new GpuBinding { IsOn = false } }),
                ("bound, pageable memory", ours with { Binding = new GpuBinding { PinnedInputs = false, PinnedOutputs = false } }),
                ("CUDA graph", ours with { CudaGraphRows = [rows] }),
            ]
            : [("shared threads", ours), ("one thread", ours with { IntraOpThreads = 1 }), ("threads of its own", ours with { IntraOpThreads = 0 })];

        // Ours first: the environment with the threads that all sessions share is made by the first session.
        var models = new List<(string, OnnxModel, List<double>)>();
        foreach (var (name, options) in ways)
        {
            try
            {
                var model = OnnxModel.Load(bytes, options);
                model.Run(inputs);
                models.Add((name, model, []));
            }
            catch (Exception exception) when (exception is ModelLoadException or InferenceRunException)
            {
                Console.Error.WriteLine($"{device} {name}: left out. {exception.Message}");
            }
        }

        var contest = new Contest(device, inputs, OpenPlain(device, bytes));
        contest._ways.AddRange(models);
        contest.Compare();
        return contest;
    }

    public void Measure(int windows, TimeSpan length, int callers)
    {
        foreach (var way in _ways)
            Window(way.Model, TimeSpan.FromMilliseconds(200), callers);
        for (var i = 0; i < windows; i++)
        {
            _plainRates.Add(Window(null, length, callers));
            foreach (var way in _ways)
                way.Rates.Add(Window(way.Model, length, callers));
            Console.Error.WriteLine(FormattableString.Invariant($"{_device} {i + 1}/{windows}: plain {_plainRates[^1]:F0}/s; {string.Join("; ", _ways.Select(w => FormattableString.Invariant($"{w.Name} {w.Rates[^1]:F0}/s")))}"));
        }
    }

    public IEnumerable<BenchResult> Results(int rows)
    {
        var plain = Figures.Median(_plainRates);
        return _ways.Select(w => new BenchResult($"{_device}, {w.Name}, {rows} rows", Figures.Median(w.Rates), "1/s", plain, Figures.Median(w.Rates) / plain, _device.ToString()));
    }

    public void Dispose()
    {
        foreach (var way in _ways)
            way.Model.Dispose();
        foreach (var value in _plainInputs.Values)
            value.Dispose();
        _plain.Dispose();
        _plainOptions.Dispose();
    }

    /// <summary>As an application opens it that knows nothing but the provider's name.</summary>
    private static InferenceSession OpenPlain(DeviceId device, byte[] bytes)
    {
        using var options = new SessionOptions();
        if (device.Kind == DeviceKind.TensorRt)
            options.AppendExecutionProvider_Tensorrt(device.Number);
        if (device.IsGpu)
            options.AppendExecutionProvider_CUDA(device.Number);
        return new InferenceSession(bytes, options);
    }

    /// <param name="model">Null: the plain session.</param>
    /// <param name="length">Of the window.</param>
    /// <param name="callers">Threads, each with one request at a time.</param>
    /// <returns>Requests a second.</returns>
    private double Window(OnnxModel? model, TimeSpan length, int callers)
    {
        var failures = new ConcurrentQueue<Exception>();
        long served = 0;
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, callers).Select(_ => new Thread(() =>
        {
            try
            {
                long own = 0;
                for (; clock.Elapsed < length; own++)
                {
                    if (model is null)
                        RunPlain();
                    else
                        model.Run(_inputs);
                }

                Interlocked.Add(ref served, own);
            }
            catch (Exception exception)
            {
                failures.Enqueue(exception);
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return failures.TryDequeue(out var failure) ? throw new InvalidOperationException($"{_device}: {failure.Message}", failure) : served / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Says by how much each way's answers differ from the plain session's: more than rounding would be a fault.</summary>
    private void Compare()
    {
        using var plain = _plain.Run(_plainOptions, _plainInputs, _plain.OutputNames);
        foreach (var way in _ways)
        {
            var outputs = way.Model.Run(_inputs, [.. _plain.OutputNames.Where(n => way.Model.Signature.FindOutput(n) is not null)]);
            var most = outputs.Max(output => Difference(output, plain[_plain.OutputNames.ToList().IndexOf(output.Name)].GetTensorMutableRawData()));
            Console.Error.WriteLine(FormattableString.Invariant($"{_device} {way.Name}: answers differ from the plain ones by at most {most:G3}{(way.Model.UnboundReason is { } why ? $"; not bound: {why}" : "")}"));
        }
    }

    private static double Difference(Tensor output, ReadOnlySpan<byte> plain)
    {
        var ours = output.Data.Span;
        if (ours.Length != plain.Length)
            return double.PositiveInfinity;
        double most = 0;
        for (var at = 0; at < ours.Length; at += output.Type.Size())
            most = Math.Max(most, Math.Abs(Number(output.Type, ours[at..]) - Number(output.Type, plain[at..])));
        return most;
    }

    private static double Number(TensorType type, ReadOnlySpan<byte> at) => type switch
    {
        TensorType.Fp32 => MemoryMarshal.Read<float>(at),
        TensorType.Fp64 => MemoryMarshal.Read<double>(at),
        TensorType.Fp16 => (double)MemoryMarshal.Read<Half>(at),
        TensorType.Int64 => MemoryMarshal.Read<long>(at),
        TensorType.Int32 => MemoryMarshal.Read<int>(at),
        _ => at[0],
    };

    /// <summary>Inputs that were made before, outputs read into arrays: the least that any caller does.</summary>
    private void RunPlain()
    {
        using var outputs = _plain.Run(_plainOptions, _plainInputs, _plain.OutputNames);
        foreach (var output in outputs)
            _ = output.GetTensorMutableRawData().ToArray();
    }

    private OrtValue ValueOf(Tensor tensor)
    {
        var data = GC.AllocateArray<byte>(Math.Max(1, tensor.Data.Length), pinned: true);
        tensor.Data.CopyTo(data);
        _pinned.Add(data);
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)OnnxTypes.ToOnnx(tensor.Type), tensor.Shape.ToArray(), Marshal.UnsafeAddrOfPinnedArrayElement(data, 0), data.Length);
    }
}
