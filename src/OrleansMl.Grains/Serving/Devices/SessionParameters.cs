using System.Globalization;
using OrleansMl.Inference;
using OrleansMl.Protocol;

namespace OrleansMl.Serving;

/// <summary>
/// What a configuration says of a session, wherever it runs: <c>parameters</c> as Triton's ONNX Runtime backend names them,
/// and <c>optimization</c>'s graph level and pinned memory.
/// </summary>
internal static class SessionParameters
{
    private const string Shrinkage = "memory.enable_memory_arena_shrinkage";
    private const string Spinning = "session.intra_op.allow_spinning";
    private static readonly string[] s_switches = ["session.use_device_allocator_for_initializers", "session.set_denormal_as_zero", "session.disable_cpu_ep_fallback", "session.force_spinning_stop"];

    /// <param name="config">Stated or completed.</param>
    /// <param name="reader">Of its parameters.</param>
    /// <param name="start">Gives what is not stated.</param>
    /// <param name="faults">Gets a sentence for each fault.</param>
    public static OnnxModelOptions Of(ModelConfig config, ParameterReader reader, OnnxModelOptions start, List<string> faults)
    {
        var spins = reader.Truth(Spinning);
        var options = start with
        {
            // The threads that all sessions share do not spin: who wants that gets threads of its own.
            IntraOpThreads = (int?)reader.Number("intra_op_thread_count", 0, 1024) ?? (spins == true ? 0 : start.IntraOpThreads),
            InterOpThreads = (int?)reader.Number("inter_op_thread_count", 0, 1024) ?? start.InterOpThreads,
            ParallelBranches = reader.Choice("execution_mode", ("0", false), ("1", true)) ?? start.ParallelBranches,
            SpinningThreads = spins ?? start.SpinningThreads,
            MemoryArena = reader.Truth("enable_mem_arena") ?? start.MemoryArena,
            MemoryPattern = reader.Truth("enable_mem_pattern") ?? start.MemoryPattern,
            ShrinksArena = Shrinks(reader),
            GraphOptimization = Level(config.Optimization?.Graph, faults),
            Binding = start.Binding with
            {
                PinnedInputs = config.Optimization?.InputPinnedMemory?.Enable ?? true,
                PinnedOutputs = config.Optimization?.OutputPinnedMemory?.Enable ?? true,
            },
        };
        foreach (var key in s_switches)
        {
            if (reader.Truth(key) is { } isOn)
                options = options with { SessionEntries = options.SessionEntries.SetItem(key, isOn ? "1" : "0") };
        }

        if (options.ShrinksArena && !options.MemoryArena)
            faults.Add($"parameters[\"{Shrinkage}\"] shrinks an arena that enable_mem_arena turns off; leave one of them out");
        reader.RefuseOthers(key => key.StartsWith("session.", StringComparison.Ordinal) || key.StartsWith("memory.", StringComparison.Ordinal));
        return options;
    }

    private static bool Shrinks(ParameterReader reader)
    {
        if (reader.Text(Shrinkage) is not { Length: > 0 } text)
            return false;
        if (text.Split(';').All(part => part.Split(':') is ["cpu" or "gpu", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            return true;
        reader.Fault(Shrinkage, text, "arenas as 'cpu:0', 'gpu:0' or 'cpu:0;gpu:0'; those of the session are meant");
        return false;
    }

    private static GraphOptimization Level(ModelOptimizationPolicy.Types.Graph? graph, List<string> faults)
    {
        switch (graph?.Level ?? 0)
        {
            case -1:
                return GraphOptimization.Basic;
            case 0:
                return GraphOptimization.All;
            case 1:
                return GraphOptimization.Extended;
            case 2:
                return GraphOptimization.None;
            default:
                faults.Add($"optimization.graph.level is {graph!.Level}; write -1 (basic), 0 (all), 1 (extended) or 2 (none)");
                return GraphOptimization.All;
        }
    }
}
