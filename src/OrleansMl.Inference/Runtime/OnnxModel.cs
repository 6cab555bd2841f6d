using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>
/// An ONNX model loaded into the runtime. <see cref="Run"/> may be called from many threads at once;
/// <see cref="Dispose"/> only when none is in it, which <see cref="ModelHandle{TModel}"/> sees to.
/// </summary>
public sealed class OnnxModel : IBatchModel, IDisposable
{
    private readonly RunOptions _runOptions = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly string[] _outputNames;
    private readonly OutputReader _reader;
    private int _disposed;

    private OnnxModel(OnnxModelFile file, InferenceSession session, string device, string? fallbackReason)
    {
        (File, Session, Device, FallbackReason) = (file, session, device, fallbackReason);
        Signature = file.Signature with { Outputs = [.. file.Signature.Outputs.Select(WithInferredShape)] };
        _outputNames = [.. Signature.Outputs.Select(o => o.Name)];
        _reader = new OutputReader(Signature);
    }

    /// <summary>What the file says of itself.</summary>
    public OnnxModelFile File { get; }

    /// <summary>Inputs and outputs; output shapes that the file leaves out are those the runtime inferred, where it could.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Where it runs: <c>cpu</c> or <c>cuda:N</c>.</summary>
    public string Device { get; }

    /// <summary>Why it runs on the CPU although a GPU was asked for; else null.</summary>
    public string? FallbackReason { get; }

    /// <summary>The runtime's session.</summary>
    internal InferenceSession Session { get; }

    internal RunOptions RunOptions => _runOptions;

    internal bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Inspects the bytes and loads them.</summary>
    /// <exception cref="ModelLoadException">Refused, with the code and the reason.</exception>
    public static OnnxModel Load(ReadOnlyMemory<byte> bytes, OnnxModelOptions? options = null)
    {
        options ??= OnnxModelOptions.Default;
        var inspected = OnnxModelFile.Inspect(bytes, options.MaxBytes);
        if (!inspected.IsAccepted)
            throw new ModelLoadException(inspected.Code, inspected.Detail);

        var gpu = ParseDevice(options.Device);
        var model = ServableGraph.Of(bytes, inspected.File.Signature);
        if (gpu is null)
            return new OnnxModel(inspected.File, Open(model, options, null), "cpu", null);
        try
        {
            return new OnnxModel(inspected.File, Open(model, options, gpu), options.Device, null);
        }
        catch (ModelLoadException exception) when (exception.Code == InspectCodes.DeviceUnavailable && options.Fallback == DeviceFallback.Cpu)
        {
            return new OnnxModel(inspected.File, Open(model, options, null), "cpu", exception.Message);
        }
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">One for each input, in any order.</param>
    /// <param name="outputs">Names wanted, in order; null or empty: all of the signature's.</param>
    /// <returns>Tensors in the order asked for, with memory of their own.</returns>
    /// <exception cref="InferenceInputException">The request does not fit the signature.</exception>
    /// <exception cref="InferenceRunException">The runtime failed.</exception>
    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string>? outputs = null)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        RequestCheck.Inputs(Signature, inputs);
        return RunChecked(inputs, RequestCheck.Outputs(Signature, _outputNames, outputs), TimeProvider.System, out _);
    }

    IReadOnlyList<Tensor> IBatchModel.Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, TimeProvider time, out RunPhases phases)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return RunChecked(inputs, outputs, time, out phases);
    }

    /// <summary>Releases the session; once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Session.Dispose();
        _runOptions.Dispose();
    }

    private Tensor[] RunChecked(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, TimeProvider time, out RunPhases phases)
    {
        var start = time.GetTimestamp();
        var names = new string[inputs.Count];
        using var values = new NativeInputs(inputs.Count);
        try
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                names[i] = inputs[i].Name;
                values.Add(inputs[i]);
            }

            var ready = time.GetTimestamp();
            var sources = _reader.SourcesOf(wanted, out var places);
            using var results = Session.Run(_runOptions, names, values.Values, sources);
            var done = time.GetTimestamp();
            var tensors = _reader.Read(wanted, places, results);
            phases = new RunPhases(time.GetElapsedTime(start, ready), time.GetElapsedTime(ready, done), time.GetElapsedTime(done));
            return tensors;
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InferenceRunException($"The model failed on this request: {exception.Message}", exception);
        }
    }

    /// <summary>Number of the GPU; null for the CPU.</summary>
    private static int? ParseDevice(string device)
    {
        if (device == "cpu")
            return null;
        if (device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        throw new ModelLoadException(InspectCodes.DeviceUnavailable, $"There is no device '{device}'; write 'cpu' or 'cuda:N'.");
    }

    private static InferenceSession Open(byte[] model, OnnxModelOptions options, int? gpu)
    {
        using var native = new SessionOptions
        {
            IntraOpNumThreads = options.IntraOpThreads,
            InterOpNumThreads = 1,
            EnableCpuMemArena = options.MemoryArena,
            // What fails is thrown; nothing is to be printed beside.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = options.GraphOptimization switch
            {
                GraphOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                GraphOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                GraphOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
        };
        native.AddSessionConfigEntry("session.intra_op.allow_spinning", options.SpinningThreads ? "1" : "0");
        if (gpu is { } number)
            AddGpu(native, number);
        try
        {
            return new InferenceSession(model, native);
        }
        catch (OnnxRuntimeException exception) when (gpu is not null && exception.Message.Contains("CUDA", StringComparison.OrdinalIgnoreCase))
        {
            throw GpuUnavailable(gpu.Value, exception);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelLoadException(InspectCodes.LoadFailed, $"The runtime refuses the model: {exception.Message}", exception);
        }
    }

    private static void AddGpu(SessionOptions native, int number)
    {
        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = number.ToString(CultureInfo.InvariantCulture) });
            native.AppendExecutionProvider_CUDA(cuda);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw GpuUnavailable(number, exception);
        }
    }

    private static ModelLoadException GpuUnavailable(int number, Exception exception) => new(
        InspectCodes.DeviceUnavailable,
        $"Device 'cuda:{number}' cannot be had: {exception.Message.TrimEnd('.', ' ', '\n')}. Build with the GPU runtime and install its CUDA libraries, choose 'cpu', or allow the fall-back to it.",
        exception);

    private TensorSpec WithInferredShape(TensorSpec spec) =>
        !spec.HasShape && Session.OutputMetadata.TryGetValue(spec.Name, out var known) && known.IsTensor && known.Dimensions is { Length: > 0 } dimensions
            ? spec with { Shape = [.. dimensions.Select(d => (long)d)], HasShape = true }
            : spec;
}
