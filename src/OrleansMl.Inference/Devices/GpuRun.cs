using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrleansMl.Inference;

/// <summary>
/// Buffers of one run on a GPU, bound to a session, for up to so many rows; with a graph, for exactly so many: a captured graph
/// reads and writes the addresses that it was captured with. For one run at a time.
/// </summary>
internal sealed class GpuRun : IDisposable
{
    private readonly GpuContext _context;
    private readonly InferenceSession _session;
    private readonly BoundLayout _layout;
    private readonly OrtIoBinding _binding;
    private readonly OrtMemoryInfo _memory;
    private readonly RunOptions _options;
    private readonly bool _ownsOptions;
    private readonly List<CudaBuffer> _inputs = [];
    private readonly List<CudaBuffer> _outputs = [];
    private readonly List<OrtValue> _bound = [];
    private readonly nint _stream;
    private int _rows = -1;

    /// <param name="context">Of the GPU; entered.</param>
    /// <param name="session">Loaded on it.</param>
    /// <param name="layout">Of its tensors.</param>
    /// <param name="capacity">Rows.</param>
    /// <param name="binding">How to copy.</param>
    /// <param name="options">Of runs that are not captured.</param>
    /// <param name="graph">Number of the captured graph, ≥ 1; null: none.</param>
    public GpuRun(GpuContext context, InferenceSession session, BoundLayout layout, int capacity, GpuBinding binding, RunOptions options, int? graph)
    {
        (_context, _session, _layout, Capacity, _ownsOptions) = (context, session, layout, capacity, graph is not null);
        _options = graph is { } number ? OfGraph(number) : options;
        _binding = session.CreateIoBinding();
        _memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, context.Number, OrtMemType.Default);
        try
        {
            _stream = context.Driver.CreateStream();
            foreach (var input in layout.Inputs)
                _inputs.Add(new CudaBuffer(context.Driver, input.BytesOf(capacity), binding.PinnedInputs));
            foreach (var output in layout.Outputs)
                _outputs.Add(new CudaBuffer(context.Driver, output.BytesOf(capacity), binding.PinnedOutputs));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Most rows of a run.</summary>
    public int Capacity { get; }

    /// <param name="rows">From 1 to the capacity; with a graph, the capacity.</param>
    /// <param name="inputs">Of the request.</param>
    /// <param name="order">For each input of the layout, its place among them.</param>
    /// <param name="wanted">Outputs, in order.</param>
    /// <param name="time">Clock that measures.</param>
    /// <param name="phases">How long each part took.</param>
    public Tensor[] Execute(int rows, IReadOnlyList<Tensor> inputs, ReadOnlySpan<int> order, IReadOnlyList<string> wanted, TimeProvider time, out RunPhases phases)
    {
        var start = time.GetTimestamp();
        Bind(rows);
        for (var i = 0; i < _inputs.Count; i++)
            _inputs[i].Write(inputs[order[i]].Data.Span, _stream);
        // The runtime computes in a stream of its own, which does not wait for this one.
        _context.Driver.Synchronize(_stream);
        var ready = time.GetTimestamp();

        // Returns when the GPU has finished, graphs included.
        _session.RunWithBinding(_options, _binding);
        var done = time.GetTimestamp();
        foreach (var name in wanted)
        {
            var at = PlaceOf(name);
            _outputs[at].Fetch(BytesOf(at, rows), _stream);
        }

        _context.Driver.Synchronize(_stream);
        var tensors = new Tensor[wanted.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            var at = PlaceOf(wanted[i]);
            var output = _layout.Outputs[at];
            tensors[i] = new Tensor(output.Name, output.Type, output.ShapeOf(rows), _outputs[at].Read(BytesOf(at, rows), _stream));
        }

        phases = new RunPhases(time.GetElapsedTime(start, ready), time.GetElapsedTime(ready, done), time.GetElapsedTime(done));
        return tensors;
    }

    /// <summary>The context must have been entered.</summary>
    public void Dispose()
    {
        _binding.Dispose();
        Unbind();
        foreach (var buffer in _inputs.Concat(_outputs))
            buffer.Dispose();
        if (_stream != 0)
            _context.Driver.DestroyStream(_stream);
        _memory.Dispose();
        if (_ownsOptions)
            _options.Dispose();
    }

    private static RunOptions OfGraph(int number)
    {
        var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        options.AddRunConfigEntry(GpuSession.GraphEntry, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return options;
    }

    private int PlaceOf(string output)
    {
        var at = 0;
        while (_layout.Outputs[at].Name != output)
            at++;
        return at;
    }

    private int BytesOf(int output, int rows) => checked((int)_layout.Outputs[output].BytesOf(rows));

    private void Bind(int rows)
    {
        if (rows == _rows)
            return;
        // Not bound until all is: a failure half way must not leave the old shape on record.
        _rows = -1;
        _binding.ClearBoundInputs();
        _binding.ClearBoundOutputs();
        Unbind();
        for (var i = 0; i < _inputs.Count; i++)
            _binding.BindInput(_layout.Inputs[i].Name, Over(_layout.Inputs[i], _inputs[i], rows));
        for (var i = 0; i < _outputs.Count; i++)
            _binding.BindOutput(_layout.Outputs[i].Name, Over(_layout.Outputs[i], _outputs[i], rows));
        _rows = rows;
    }

    private OrtValue Over(BoundTensor tensor, CudaBuffer buffer, int rows)
    {
        var value = OrtValue.CreateTensorValueWithData(_memory, (TensorElementType)OnnxTypes.ToOnnx(tensor.Type), tensor.ShapeOf(rows), buffer.Address, buffer.Bytes);
        _bound.Add(value);
        return value;
    }

    private void Unbind()
    {
        foreach (var value in _bound)
            value.Dispose();
        _bound.Clear();
    }
}
