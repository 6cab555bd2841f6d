using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>Copies a sequence of tensors into two tensors: its elements and its shapes.</summary>
internal static class NativeSequences
{
    /// <summary>The elements of all tensors, one after the other: [E].</summary>
    /// <exception cref="InferenceInputException">Together they are longer than one tensor may be.</exception>
    public static Tensor ReadElements(string name, TensorType type, OrtValue sequence)
    {
        var tensors = Visit(sequence, value => NativeOutputs.Read(name, value));
        var shape = new[] { tensors.Sum(t => Tensor.ElementCount(t.Shape.Span)) };
        if (shape[0] * Math.Max(1, type.Size()) > Array.MaxLength)
            throw new InferenceInputException($"Output '{name}' has {shape[0]} elements of {type.ToProtocolName()} in all; at most {Array.MaxLength} bytes can be sent. Send fewer rows.");
        if (type == TensorType.Bytes)
            return new Tensor(name, shape, tensors.SelectMany(t => t.Elements.ToArray()).ToArray());
        var data = new byte[shape[0] * type.Size()];
        var at = 0;
        foreach (var tensor in tensors)
        {
            tensor.Data.CopyTo(data.AsMemory(at));
            at += tensor.Data.Length;
        }

        return new Tensor(name, type, shape, data);
    }

    /// <summary>The shapes, one row a tensor, filled up with −1: [L,R], R = the most dimensions that one has.</summary>
    public static Tensor ReadShapes(string name, OrtValue sequence)
    {
        var shapes = Visit(sequence, value => value.GetTensorTypeAndShape().Shape);
        var rank = shapes.Length == 0 ? 0 : shapes.Max(s => s.Length);
        var rows = new long[shapes.Length * rank];
        Array.Fill(rows, -1);
        for (var i = 0; i < shapes.Length; i++)
            shapes[i].CopyTo(rows.AsSpan(i * rank));
        return new Tensor(name, TensorType.Int64, new long[] { shapes.Length, rank }, MemoryMarshal.AsBytes(rows.AsSpan()).ToArray());
    }

    private static T[] Visit<T>(OrtValue sequence, Func<OrtValue, T> read)
    {
        var results = new T[sequence.GetValueCount()];
        for (var i = 0; i < results.Length; i++)
        {
            using var value = sequence.GetValue(i, OrtAllocator.DefaultInstance);
            results[i] = read(value);
        }

        return results;
    }
}
