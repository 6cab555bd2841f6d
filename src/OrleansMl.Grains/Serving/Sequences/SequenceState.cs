using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Protocol;
using StateSpec = OrleansMl.Protocol.ModelSequenceBatching.Types.State;

namespace OrleansMl.Serving;

/// <summary>
/// State that the server keeps for a model (Triton's implicit state: <c>sequence_batching.state</c>): an output of one request
/// of a sequence is an input of the next, and callers see neither.
/// </summary>
internal static class SequenceState
{
    /// <summary>Names of inputs that the server fills in: control and state.</summary>
    public static IEnumerable<string> HiddenInputs(ModelConfig config) =>
        config.SequenceBatching is { } sequences ? sequences.ControlInput.Select(c => c.Name).Concat(sequences.State.Select(s => s.InputName)) : [];

    /// <summary>Names of outputs that the server keeps.</summary>
    public static IEnumerable<string> HiddenOutputs(ModelConfig config) => config.SequenceBatching?.State.Select(s => s.OutputName) ?? [];

    /// <summary>The inputs with the state of the sequence; zeros at its start, or where the rows have changed.</summary>
    /// <param name="config">With state.</param>
    /// <param name="turn">Of the request; the sequence is entered.</param>
    /// <param name="rows">Of the request.</param>
    public static OmlResult<List<Tensor>> Add(ServedConfig config, SequenceTurn turn, int rows)
    {
        var all = new List<Tensor>(turn.Inputs);
        foreach (var spec in config.Message.SequenceBatching.State)
        {
            if (turn.Inputs.Any(i => i.Name == spec.InputName))
                return OmlError.Invalid($"Input '{spec.InputName}' of model '{config.Message.Name}' is kept by the server (sequence_batching.state); leave it out.");
            var kept = turn.Sequence.State?.FirstOrDefault(t => t.Name == spec.InputName);
            if (kept is not null && config.IsBatched && kept.Shape.Span[0] != rows)
                return OmlError.Invalid($"The sequence was begun with {kept.Shape.Span[0]} rows and this request has {rows}; send as many, or begin another one.");
            all.Add(kept ?? Zeros(config, spec, rows));
        }

        return all;
    }

    /// <summary>The outputs to run for: what is asked, all but state where nothing is, and the state.</summary>
    public static string[] Outputs(ServedConfig config, VersionManifest manifest, IReadOnlyList<string> wanted, out int returned)
    {
        var state = HiddenOutputs(config.Message).ToArray();
        string[] visible = wanted.Count > 0 ? [.. wanted] : [.. manifest.Outputs.Select(o => o.Name).Except(state, StringComparer.Ordinal)];
        returned = visible.Length;
        return [.. visible, .. state.Except(visible, StringComparer.Ordinal)];
    }

    /// <summary>Keeps what the next request gets; copies, since the outputs of a batch share memory.</summary>
    public static void Keep(ServedConfig config, OpenSequence sequence, IReadOnlyList<Tensor> outputs) =>
        sequence.State = [.. config.Message.SequenceBatching.State.Select(s => outputs.First(o => o.Name == s.OutputName).Clone().Named(s.InputName))];

    /// <summary>Why the state cannot be kept for this graph; null: it can.</summary>
    public static string? WhyNot(ModelConfig config, VersionManifest manifest)
    {
        foreach (var state in config.SequenceBatching?.State ?? [])
        {
            var why = Side("input_name", state.InputName, state, manifest.Inputs) ?? Side("output_name", state.OutputName, state, manifest.Outputs);
            if (why is not null)
                return why;
            if (state.InitialState.Count > 1)
                return $"state '{state.InputName}' has {state.InitialState.Count} initial states; give one";
            if (state.InitialState is [var initial] && (initial.DataType != state.DataType || initial.Dims.Any(d => d < 0) || initial.Dims.Count != state.Dims.Count))
                return $"initial_state of '{state.InputName}' must have its data_type and its number of dims, each 0 or more";
            if (state.InitialState.Count == 0 && state.Dims.Any(d => d < 0))
                return $"state '{state.InputName}' has a free dimension; say how large it is at the start with initial_state {{ data_type, dims, zero_data: true }}";
        }

        return null;

        string? Side(string field, string name, StateSpec state, ImmutableArray<TensorInfo> tensors)
        {
            if (tensors.FirstOrDefault(t => t.Name == name) is not { } tensor)
                return $"{field} '{name}' of sequence_batching.state is not in the graph ({string.Join(", ", tensors.Select(t => $"'{t.Name}'"))})";
            if (ServedConfig.TypeOf(tensor) != state.DataType)
                return $"data_type of state '{name}' does not fit the graph, which has {tensor.Datatype}";
            var rank = state.Dims.Count + (config.MaxBatchSize > 0 ? 1 : 0);
            return !tensor.Shape.IsDefault && tensor.Shape.Length > 0 && tensor.Shape.Length != rank
                ? $"dims of state '{name}' are [{string.Join(',', state.Dims)}]{(config.MaxBatchSize > 0 ? " beside the batch dimension" : "")}; the graph says [{string.Join(',', tensor.Shape)}]"
                : null;
        }
    }

    private static Tensor Zeros(ServedConfig config, StateSpec spec, int rows)
    {
        IEnumerable<long> dims = spec.InitialState is [var initial] ? initial.Dims : spec.Dims;
        long[] shape = config.IsBatched ? [rows, .. dims] : [.. dims];
        var count = (int)Tensor.ElementCount(shape);
        var type = ServedConfig.FromConfig(spec.DataType);
        return type == TensorType.Bytes
            ? new Tensor(spec.InputName, shape, Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, count).ToArray())
            : new Tensor(spec.InputName, type, shape, new byte[count * type.Size()]);
    }
}
