using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>
/// Runs a session that lies on a GPU: by tensors that are bound to its memory where the model's shapes allow it, by captured
/// graphs for the batch sizes that have one, else as on the CPU. Thread-safe; <see cref="Dispose"/> before the session's, and
/// only when no run is in flight.
/// </summary>
internal sealed class GpuSession : IDisposable
{
    /// <summary>The runtime's entry that tells captured graphs apart; −1: this run is neither captured nor replayed.</summary>
    public const string GraphEntry = "gpu_graph_id";

    /// <summary>A rare large request is not worth so much of the GPU's memory for good.</summary>
    private const long LargestBound = 256L << 20;

    /// <summary>
    /// Larger inputs are faster by the runtime's own copies: the driver lets the GPU read the first pieces while the next are
    /// staged, where page-locked memory of ours is filled first. Graphs, whose addresses stay, have no choice.
    /// </summary>
    private const long LargestStaged = 1L << 20;

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions;
    private readonly GpuBinding _binding;
    private readonly BoundLayout? _layout;
    private readonly GpuContext? _context;
    private readonly SessionThread? _thread;
    private readonly ImmutableArray<int> _graphRows;
    // Null: it failed, and is not tried again.
    private readonly Dictionary<int, GpuRun?> _graphs = [];
    private readonly ConcurrentBag<GpuRun> _idle = [];
    private volatile string? _unbound;

    /// <param name="session">On the GPU.</param>
    /// <param name="signature">Of the model.</param>
    /// <param name="device">The GPU.</param>
    /// <param name="options">Of the model.</param>
    /// <param name="runOptions">Of ordinary runs; the caller's.</param>
    /// <exception cref="ModelLoadException">Graphs are asked for, and cannot be.</exception>
    public GpuSession(InferenceSession session, ModelSignature signature, DeviceId device, OnnxModelOptions options, RunOptions runOptions)
    {
        (_session, _runOptions, _binding, _graphRows) = (session, runOptions, options.Binding, options.CudaGraphRows);
        _layout = BoundLayout.Of(signature, out var why);
        _unbound = _binding.IsOn ? why : "binding is turned off";
        if (_graphRows.Length > 0 && _layout is null)
            throw Unfit(why!);
        if (_layout is not null && (_binding.IsOn || _graphRows.Length > 0) && CudaDriver.Instance is { } driver)
            _context = new GpuContext(driver, device.Number);
        if (_context is null)
            _unbound ??= "the GPU's driver cannot be used by this process";
        if (_graphRows.Length == 0)
            return;
        if (_context is null)
            throw Unfit("the GPU's driver cannot be used by this process");
        _runOptions.AddRunConfigEntry(GraphEntry, "-1");
        _thread = new SessionThread($"oml-graph-{device}");
    }

    /// <summary>Why the runtime copies tensors instead of finding them on the GPU; null: it finds them there.</summary>
    public string? UnboundReason => _unbound;

    /// <summary>Why a model cannot be captured.</summary>
    public static ModelLoadException Unfit(string why, Exception? inner = null) => new(
        InspectCodes.CudaGraphUnfit,
        $"The model cannot be run by CUDA graphs: {why}. Turn them off (optimization.cuda.graphs), or export the model with fixed shapes and operators that all run on the GPU.",
        inner);

    /// <summary>Runs inputs that are known to fit the signature.</summary>
    /// <param name="inputs">One for each input.</param>
    /// <param name="wanted">Outputs, in order.</param>
    /// <param name="time">Clock that measures.</param>
    /// <param name="ordinary">The way by which the runtime copies.</param>
    public (Tensor[] Outputs, RunPhases Phases) Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, TimeProvider time, Func<(Tensor[] Outputs, RunPhases Phases)> ordinary) =>
        _thread is null ? RunHere(inputs, wanted, time, ordinary) : _thread.Run(() => RunHere(inputs, wanted, time, ordinary));

    public void Dispose()
    {
        _thread?.Dispose();
        if (_context is null)
            return;
        _context.Enter();
        foreach (var run in _graphs.Values)
            run?.Dispose();
        while (_idle.TryTake(out var idle))
            idle.Dispose();
        _context.Dispose();
    }

    private (Tensor[] Outputs, RunPhases Phases) RunHere(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, TimeProvider time, Func<(Tensor[] Outputs, RunPhases Phases)> ordinary)
    {
        if (_context is null || _layout is null)
            return ordinary();
        Span<int> order = _layout.Inputs.Length <= 64 ? stackalloc int[_layout.Inputs.Length] : new int[_layout.Inputs.Length];
        var rows = _layout.RowsOf(inputs, order);
        if (rows < 1 || _layout.BytesOf(rows) > LargestBound)
            return ordinary();
        _context.Enter();
        try
        {
            if (GraphOf(rows) is { } graph)
                return (graph.Execute(rows, inputs, order, wanted, time, out var replayed), replayed);
            if (_binding.IsOn && _unbound is null && _layout.InputBytesOf(rows) <= LargestStaged)
                return RunBound(rows, inputs, order, wanted, time);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or InferenceRunException)
        {
            // An output without a row for each row of the input, or no memory left for buffers; else the request is at fault,
            // and fails again.
            var answer = ordinary();
            GiveUp(rows, exception.Message);
            return answer;
        }

        return ordinary();
    }

    private (Tensor[] Outputs, RunPhases Phases) RunBound(int rows, IReadOnlyList<Tensor> inputs, ReadOnlySpan<int> order, IReadOnlyList<string> wanted, TimeProvider time)
    {
        var run = Rent(rows);
        try
        {
            var outputs = run.Execute(rows, inputs, order, wanted, time, out var phases);
            _idle.Add(run);
            return (outputs, phases);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private void GiveUp(int rows, string why)
    {
        _unbound = why;
        if (_graphs.TryGetValue(rows, out var graph))
            graph?.Dispose();
        if (_thread is not null)
            _graphs[rows] = null;
    }

    /// <summary>The graph of a batch size, captured by the first run of that size, which is the warm-up's.</summary>
    private GpuRun? GraphOf(int rows)
    {
        if (_thread is null || !_graphRows.Contains(rows))
            return null;
        if (!_graphs.TryGetValue(rows, out var graph))
            _graphs.Add(rows, graph = new GpuRun(_context!, _session, _layout!, rows, _binding, _runOptions, _graphRows.IndexOf(rows) + 1));
        return graph;
    }

    private GpuRun Rent(int rows)
    {
        while (_idle.TryTake(out var idle))
        {
            if (idle.Capacity >= rows)
                return idle;
            idle.Dispose();
        }

        // Sizes between the warmed ones come one by one: not each is worth new buffers.
        var rounded = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)rows), int.MaxValue);
        var capacity = _layout!.BytesOf(rounded) <= LargestBound ? rounded : rows;
        return new GpuRun(_context!, _session, _layout, capacity, _binding, _runOptions, graph: null);
    }
}
