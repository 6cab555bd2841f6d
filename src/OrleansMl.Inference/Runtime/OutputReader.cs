using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>Gives the outputs asked for out of those the graph has: maps and sequences in parts, all others as they are.</summary>
internal sealed class OutputReader(ModelSignature signature)
{
    /// <summary>The graph's outputs that are needed, each once.</summary>
    /// <param name="wanted">Names asked for.</param>
    /// <param name="places">For each of them the place of its source; null: the same.</param>
    public IReadOnlyList<string> SourcesOf(IReadOnlyList<string> wanted, out int[]? places)
    {
        places = null;
        if (signature.Parts.IsEmpty)
            return wanted;
        places = new int[wanted.Count];
        var sources = new List<string>(wanted.Count);
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < places.Length; i++)
        {
            var source = signature.Parts.TryGetValue(wanted[i], out var part) ? part.Source : wanted[i];
            if (!known.TryGetValue(source, out places[i]))
            {
                known.Add(source, places[i] = sources.Count);
                sources.Add(source);
            }
        }

        return sources;
    }

    /// <summary>The outputs asked for.</summary>
    /// <param name="wanted">Names.</param>
    /// <param name="places">What <see cref="SourcesOf"/> gave for them.</param>
    /// <param name="results">The runtime's value of each source.</param>
    /// <exception cref="InferenceRunException">The rows of a map have another length than its keys.</exception>
    public Tensor[] Read(IReadOnlyList<string> wanted, int[]? places, IReadOnlyList<OrtValue> results)
    {
        var tensors = new Tensor[wanted.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            var value = results[places is null ? i : places[i]];
            tensors[i] = places is not null && signature.Parts.TryGetValue(wanted[i], out var part)
                ? ReadPart(wanted[i], part, value)
                : NativeOutputs.Read(wanted[i], value);
        }

        return tensors;
    }

    private Tensor ReadPart(string name, OutputPart part, OrtValue value) => part.Kind switch
    {
        OutputPartKind.MapValues => ReadRows(name, part.Labels!, value),
        OutputPartKind.MapKeys => Repeat(name, part.Labels!, RowsOf(value.GetTensorTypeAndShape().Shape, part.Source, part.Labels!)),
        OutputPartKind.SequenceElements => NativeSequences.ReadElements(name, signature.FindOutput(name)!.Type, value),
        _ => NativeSequences.ReadShapes(name, value),
    };

    private static Tensor ReadRows(string name, Tensor labels, OrtValue value)
    {
        var read = NativeOutputs.Read(name, value);
        return new Tensor(name, read.Type, new[] { RowsOf(read.Shape.Span, name, labels), labels.Shape.Span[0] }, read.Data);
    }

    /// <summary>ZipMap's own rule: [C] is one row.</summary>
    private static long RowsOf(ReadOnlySpan<long> shape, string name, Tensor labels)
    {
        var columns = labels.Shape.Span[0];
        return shape.Length is 1 or 2 && shape[^1] == columns
            ? shape.Length == 1 ? 1 : shape[0]
            : throw new InferenceRunException($"The model failed on this request: output '{name}' has the shape [{string.Join(',', shape.ToArray())}], but {columns} keys.");
    }

    private static Tensor Repeat(string name, Tensor labels, long rows)
    {
        var columns = labels.Shape.Span[0];
        var shape = new[] { rows, columns };
        var count = (int)Tensor.ElementCount(shape);
        if (labels.Type == TensorType.Bytes)
        {
            var texts = new ReadOnlyMemory<byte>[count];
            for (var at = 0; at < count; at += (int)columns)
                labels.Elements.Span.CopyTo(texts.AsSpan(at));
            return new Tensor(name, shape, texts);
        }

        var numbers = new long[count];
        for (var at = 0; at < count; at += (int)columns)
            MemoryMarshal.Cast<byte, long>(labels.Data.Span).CopyTo(numbers.AsSpan(at));
        return new Tensor(name, TensorType.Int64, shape, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());
    }
}
