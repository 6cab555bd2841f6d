using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>A tensor on its way to another silo.</summary>
/// <param name="Name">Name of the input or output.</param>
/// <param name="Type">A <see cref="TensorType"/>.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Data">Little-endian elements; empty for BYTES.</param>
/// <param name="Elements">Elements of BYTES; else empty.</param>
[GenerateSerializer, Immutable, Alias("oml.Tensor")]
internal readonly record struct TensorMessage(
    [property: Id(0)] string Name,
    [property: Id(1)] int Type,
    [property: Id(2)] ImmutableArray<long> Shape,
    [property: Id(3)] ReadOnlyMemory<byte> Data,
    [property: Id(4)] ImmutableArray<ReadOnlyMemory<byte>> Elements)
{
    /// <summary>
    /// Copies: a message may be read until long after its call has failed, when the caller's buffers serve another request.
    /// </summary>
    public static ImmutableArray<TensorMessage> Of(IReadOnlyList<Tensor> tensors)
    {
        var messages = ImmutableArray.CreateBuilder<TensorMessage>(tensors.Count);
        foreach (var tensor in tensors)
        {
            messages.Add(new TensorMessage(
                tensor.Name,
                (int)tensor.Type,
                [.. tensor.Shape.Span],
                tensor.Data.ToArray(),
                ImmutableCollectionsMarshal.AsImmutableArray(Array.ConvertAll(tensor.Elements.ToArray(), static e => (ReadOnlyMemory<byte>)e.ToArray()))));
        }

        return messages.MoveToImmutable();
    }

    public static Tensor[] ToTensors(ImmutableArray<TensorMessage> messages)
    {
        var tensors = new Tensor[messages.Length];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = messages[i].ToTensor();
        return tensors;
    }

    public Tensor ToTensor() => (TensorType)Type == TensorType.Bytes
        ? new Tensor(Name, Shape.AsMemory(), Elements.AsMemory())
        : new Tensor(Name, (TensorType)Type, Shape.AsMemory(), Data);
}
