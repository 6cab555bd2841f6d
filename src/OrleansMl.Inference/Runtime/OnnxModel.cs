using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>
/// An ONNX model loaded into the runtime. <see cref="Run"/> may be called from many threads at once;
/// <see cref="Dispose"/> only when none is in it, which <see cref="ModelHandle{TModel}"/> sees to.
/// </summary>
public sealed class OnnxModel : IBatchModel, IDisposable
{
    private readonly RunOptions _runOptions;
    private readonly string[] _outputNames;
    private readonly OutputReader _reader;
    private readonly GpuSession? _gpu;
    private readonly KnownOutputs? _known;
    private int _disposed;

    private OnnxModel(OnnxModelFile file, InferenceSession session, DeviceId device, string? fallbackReason, OnnxModelOptions options)
    {
        (File, Session, Device, FallbackReason) = (file, session, device.ToString(), fallbackReason);
        _runOptions = SessionOpener.RunOptionsOf(options, device);
        Signature = file.Signature with { Outputs = [.. file.Signature.Outputs.Select(WithInferredShape)] };
        _outputNames = [.. Signature.Outputs.Select(o => o.Name)];
        _reader = new OutputReader(Signature);
        _gpu = device.IsGpu ? new GpuSession(session, Signature, device, options, _runOptions) : null;
        _known = device.IsGpu ? null : KnownOutputs.Of(Signature);
    }

    /// <summary>What the file says of itself.</summary>
    public OnnxModelFile File { get; }

    /// <summary>Inputs and outputs; output shapes that the file leaves out are those the runtime inferred, where it could.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Where it runs: <c>cpu</c>, <c>cuda:N</c> or <c>tensorrt:N</c>.</summary>
    public string Device { get; }

    /// <summary>Why it does not run on the device that was asked for; null: it does.</summary>
    public string? FallbackReason { get; }

    /// <summary>On a GPU: why the runtime copies tensors instead of finding them bound; null: they are bound, or it runs on the CPU.</summary>
    public string? UnboundReason => _gpu?.UnboundReason;

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

        var (session, device, reason) = SessionOpener.Open(ServableGraph.Of(bytes, inspected.File.Signature), inspected.File.Signature, options);
        try
        {
            return new OnnxModel(inspected.File, session, device, reason, options);
        }
        catch
        {
            session.Dispose();
            throw;
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
        _gpu?.Dispose();
        Session.Dispose();
        _runOptions.Dispose();
    }

    private Tensor[] RunChecked(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, TimeProvider time, out RunPhases phases)
    {
        try
        {
            return _gpu is null ? RunOrdinary(inputs, wanted, time, out phases) : RunOnGpu(_gpu, inputs, wanted, time, out phases);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InferenceRunException($"The model failed on this request: {exception.Message}", exception);
        }
    }

    // Apart, since its closure would cost the CPU's way an allocation.
    private Tensor[] RunOnGpu(GpuSession gpu, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, TimeProvider time, out RunPhases phases)
    {
        (var tensors, phases) = gpu.Run(inputs, wanted, time, () => (RunOrdinary(inputs, wanted, time, out var measured), measured));
        return tensors;
    }

    private Tensor[] RunOrdinary(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, TimeProvider time, out RunPhases phases)
    {
        var start = time.GetTimestamp();
        var names = new string[inputs.Count];
        using var values = new LentTensors(inputs.Count);
        for (var i = 0; i < inputs.Count; i++)
        {
            names[i] = inputs[i].Name;
            values.Add(inputs[i]);
        }

        var ready = time.GetTimestamp();
        var made = _known?.Make(inputs, wanted);
        if (made is not null && TryRunInto(made, names, values, wanted))
        {
            phases = new RunPhases(time.GetElapsedTime(start, ready), time.GetElapsedTime(ready), TimeSpan.Zero);
            return made;
        }

        var sources = _reader.SourcesOf(wanted, out var places);
        using var results = Session.Run(_runOptions, names, values.Values, sources);
        var done = time.GetTimestamp();
        // It fails only where it is told the outputs' shapes: they are others.
        if (made is not null)
            _known!.Refute();
        var tensors = _reader.Read(wanted, places, results);
        phases = new RunPhases(time.GetElapsedTime(start, ready), time.GetElapsedTime(ready, done), time.GetElapsedTime(done));
        return tensors;
    }

    /// <returns>False: the runtime failed, be it on the request or on the memory.</returns>
    private bool TryRunInto(Tensor[] outputs, string[] names, LentTensors inputs, IReadOnlyList<string> wanted)
    {
        using var lent = new LentTensors(outputs.Length);
        foreach (var output in outputs)
            lent.Add(output);
        try
        {
            Session.Run(_runOptions, names, inputs.Values, wanted, lent.Values);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }

    private TensorSpec WithInferredShape(TensorSpec spec) =>
        !spec.HasShape && Session.OutputMetadata.TryGetValue(spec.Name, out var known) && known.IsTensor && known.Dimensions is { Length: > 0 } dimensions
            ? spec with { Shape = [.. dimensions.Select(d => (long)d)], HasShape = true }
            : spec;
}
