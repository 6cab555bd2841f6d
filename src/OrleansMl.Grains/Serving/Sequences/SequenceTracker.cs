using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using OrleansMl.Inference;
using OrleansMl.Protocol;
using OrleansMl.Services;
using Kind = OrleansMl.Protocol.ModelSequenceBatching.Types.Control.Types.Kind;

namespace OrleansMl.Serving;

/// <summary>
/// The sequences that are open in this process, by model, the control tensors that tell a model about them, and the state that
/// is kept for them (Triton's <c>extension_sequence.md</c> and the <c>sequence_batching</c> of a model configuration). A sequence
/// ends with its last request, or when it was idle for too long.
/// </summary>
internal sealed class SequenceTracker(TimeProvider time)
{
    /// <summary>Of one model; a start above it is refused until one has ended.</summary>
    public const int MaxSequences = 10_000;

    private static readonly TimeSpan DefaultIdle = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, OpenSequences> _open = new(StringComparer.Ordinal);

    /// <summary>The request's turn in its sequence; an error where it does not fit what is open.</summary>
    public OmlResult<SequenceTurn> Enter(string model, ModelSequenceBatching batching, InferParameters parameters, IReadOnlyList<Tensor> inputs, int rows, VersionManifest manifest)
    {
        if (parameters.Sequence is not { } id)
            return OmlError.Invalid($"Model '{model}' works on sequences and the request names none; send the parameter sequence_id (a number above 0 or a text that is not empty), and sequence_start with the first request.");
        if (!TryEnter(model, batching, parameters, id, manifest).TryGet(out var sequence, out var refused))
            return refused;

        var all = new List<Tensor>(inputs);
        foreach (var control in batching.ControlInput)
        {
            if (inputs.Any(i => i.Name == control.Name))
                return OmlError.Invalid($"Input '{control.Name}' of model '{model}' is filled in by the server (control_input); leave it out.");
            var shape = ShapeOf(control.Name, rows, manifest);
            if (Fill(control, parameters, id, shape) is not { } tensor)
                return OmlError.Invalid($"The sequence id {id} does not fit control input '{control.Name}' of model '{model}'; send one of its type.");
            all.Add(tensor);
        }

        return new SequenceTurn(sequence, all);
    }

    private OmlResult<OpenSequence> TryEnter(string model, ModelSequenceBatching batching, InferParameters parameters, SequenceId id, VersionManifest manifest)
    {
        var idle = batching.MaxSequenceIdleMicroseconds == 0 ? DefaultIdle : TimeSpan.FromMicroseconds(Math.Min(batching.MaxSequenceIdleMicroseconds, 1e15));
        var now = time.GetTimestamp();
        var open = _open.GetOrAdd(model, static _ => new OpenSequences());
        lock (open)
        {
            if (open.ById.TryGetValue(id, out var sequence) && time.GetElapsedTime(sequence.LastUsed, now) > idle)
            {
                open.ById.Remove(id);
                sequence = null;
            }

            if (!parameters.SequenceStart && sequence is null)
                return OmlError.Invalid($"inference request for sequence {id} to model '{model}' must specify the START flag on the first request of the sequence; it is not open (never begun, ended, or idle for over {idle.TotalSeconds:0.###} s).", ReplicaErrors.SequenceNotOpen);

            // A start of one that is open begins it anew: what is on its way goes on with the state that it has.
            if (parameters.SequenceStart)
                sequence = new OpenSequence(manifest.Version);
            if (parameters.SequenceEnd)
            {
                open.ById.Remove(id);
                return sequence!;
            }

            if (parameters.SequenceStart)
            {
                if (open.ById.Count >= MaxSequences || time.GetElapsedTime(open.LastSweep, now) > idle)
                    open.Sweep(time, now, idle);
                if (open.ById.Count >= MaxSequences && !open.ById.ContainsKey(id))
                    return OmlError.Unavailable("queue_full", $"Model '{model}' has {open.ById.Count} open sequences; the limit is {MaxSequences}. End some, or try again.");
                open.ById[id] = sequence!;
            }

            sequence!.LastUsed = now;
            return sequence;
        }
    }

    // As the graph says, with the rows in the first free dimension.
    private static long[] ShapeOf(string name, int rows, VersionManifest manifest)
    {
        var spec = manifest.Inputs.First(i => i.Name == name);
        return spec.Shape.IsDefaultOrEmpty ? [rows, 1] : [.. spec.Shape.Select((d, i) => d >= 0 ? d : i == 0 ? rows : 1)];
    }

    private static Tensor? Fill(ModelSequenceBatching.Types.ControlInput input, InferParameters parameters, SequenceId id, long[] shape)
    {
        var count = (int)Tensor.ElementCount(shape);
        var control = input.Control[0];
        if (control.Kind == Kind.ControlSequenceCorrid)
            return Correlation(input.Name, control.DataType, id, shape, count);
        var which = control.Kind switch
        {
            Kind.ControlSequenceStart => parameters.SequenceStart,
            Kind.ControlSequenceEnd => parameters.SequenceEnd,
            _ => true,
        } ? 1 : 0;
        var element = new byte[4];
        if (control.BoolFalseTrue.Count == 2)
            return Repeat(input.Name, TensorType.Bool, shape, [control.BoolFalseTrue[which] ? (byte)1 : (byte)0], count);
        if (control.Fp32FalseTrue.Count == 2)
            BinaryPrimitives.WriteSingleLittleEndian(element, control.Fp32FalseTrue[which]);
        else
            BinaryPrimitives.WriteInt32LittleEndian(element, control.Int32FalseTrue[which]);
        return Repeat(input.Name, control.Fp32FalseTrue.Count == 2 ? TensorType.Fp32 : TensorType.Int32, shape, element, count);
    }

    private static Tensor? Correlation(string name, DataType type, SequenceId id, long[] shape, int count)
    {
        if (type == DataType.TypeString)
            return new Tensor(name, shape, Enumerable.Repeat<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(id.Text ?? id.ToString()), count).ToArray());
        if (id.Text is not null)
            return null;
        var (tensorType, size, most) = type switch
        {
            DataType.TypeUint64 => (TensorType.UInt64, 8, ulong.MaxValue),
            DataType.TypeInt64 => (TensorType.Int64, 8, (ulong)long.MaxValue),
            DataType.TypeUint32 => (TensorType.UInt32, 4, uint.MaxValue),
            _ => (TensorType.Int32, 4, (ulong)int.MaxValue),
        };
        if (id.Number > most)
            return null;
        Span<byte> element = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(element, id.Number);
        return Repeat(name, tensorType, shape, element[..size], count);
    }

    private static Tensor Repeat(string name, TensorType type, long[] shape, ReadOnlySpan<byte> element, int count)
    {
        var data = new byte[element.Length * count];
        for (var i = 0; i < count; i++)
            element.CopyTo(data.AsSpan(i * element.Length));
        return new Tensor(name, type, shape, data);
    }

    /// <summary>Of one model.</summary>
    private sealed class OpenSequences
    {
        public Dictionary<SequenceId, OpenSequence> ById { get; } = [];

        public long LastSweep { get; private set; }

        /// <summary>Lets go of those that were idle for too long, and of what is kept for them.</summary>
        public void Sweep(TimeProvider time, long now, TimeSpan idle)
        {
            LastSweep = now;
            foreach (var (id, sequence) in ById)
            {
                if (time.GetElapsedTime(sequence.LastUsed, now) > idle)
                    ById.Remove(id);
            }
        }
    }
}
