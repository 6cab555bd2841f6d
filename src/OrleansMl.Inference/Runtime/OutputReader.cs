using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>Gives the outputs asked for out of those the graph has: maps and sequences in parts, all others as they are.</summary>
internal sealed class OutputReader(ModelSignature signature)
{
    /// <summary>The graph's outputs that are needed, each once.</summary>
    public IReadOnlyList<string> SourcesOf(IReadOnlyList<string> wanted)
    {
        if (signature.Parts.IsEmpty)
            return wanted;
        var sources = new List<string>(wanted.Count);
        foreach (var name in wanted)
        {
            var source = signature.Parts.TryGetValue(name, out var part) ? part.Source : name;
            if (!sources.Contains(source))
                sources.Add(source);
        }

        return sources;
    }

    /// <summary>The outputs asked for.</summary>
    /// <param name="wanted">Names.</param>
    /// <param name="sources">What <see cref="SourcesOf"/> gave for them.</param>
    /// <param name="results">The runtime's value of each source.</param>
    /// <exception cref="InferenceRunException">The rows of a map have another length than its keys.</exception>
    public Tensor[] Read(IReadOnlyList<string> wanted, IReadOnlyList<string> sources, IReadOnlyList<OrtValue> results)
    {
        var tensors = new Tensor[wanted.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (signature.Parts.IsEmpty)
                tensors[i] = NativeOutputs.Read(wanted[i], results[i]);
            else if (signature.Parts.TryGetValue(wanted[i], out var part))
                tensors[i] = ReadPart(wanted[i], part, results[IndexOf(sources, part.Source)]);
            else
                tensors[i] = NativeOutputs.Read(wanted[i], results[IndexOf(sources, wanted[i])]);
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

    // Outputs are few: a scan beats a dictionary.
    private static int IndexOf(IReadOnlyList<string> sources, string name)
    {
        var at = 0;
        while (sources[at] != name)
            at++;
        return at;
    }
}
