using System.Buffers;

namespace OrleansMl.Inference;

/// <summary>The inputs of several requests as one batch, in rented memory: dispose it when the run has returned.</summary>
internal sealed class BatchAssembly : IDisposable
{
    // By input; either kind is rare enough beside the other to be made when it is needed.
    private byte[]?[]? _bytes;
    private ReadOnlyMemory<byte>[]?[]? _texts;

    private BatchAssembly(int inputs) => Inputs = new Tensor[inputs];

    /// <summary>In the signature's order, each [rows, …].</summary>
    public Tensor[] Inputs { get; }

    /// <summary>Puts the requests' rows one below the other, in their order.</summary>
    /// <exception cref="ArgumentException">The batch has more elements than a tensor can.</exception>
    public static BatchAssembly Of(ReadOnlySpan<PendingRequest> requests, int rows)
    {
        var assembly = new BatchAssembly(requests[0].Inputs.Count);
        try
        {
            for (var i = 0; i < assembly.Inputs.Length; i++)
            {
                var first = requests[0].Inputs[i];
                var shape = first.Shape.ToArray();
                shape[0] = rows;
                assembly.Inputs[i] = first.Type == TensorType.Bytes ? assembly.Texts(requests, i, shape) : assembly.Numbers(requests, i, shape);
            }

            return assembly;
        }
        catch
        {
            assembly.Dispose();
            throw;
        }
    }

    /// <summary>The part of a batch's output that belongs to one request: a slice, not a copy.</summary>
    /// <param name="output">[N, …].</param>
    /// <param name="from">First row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="like">Another part of the same output with as many rows; null: none is known.</param>
    public static Tensor Slice(Tensor output, int from, int rows, Tensor? like = null)
    {
        var all = output.Shape.Span;
        var shape = like?.Shape ?? ShapeOf(all, rows);
        if (output.Type == TensorType.Bytes)
        {
            var width = output.Elements.Length / (int)all[0];
            return new Tensor(output.Name, shape, output.Elements.Slice(from * width, rows * width));
        }

        var stride = output.Data.Length / (int)all[0];
        return new Tensor(output.Name, output.Type, shape, output.Data.Slice(from * stride, rows * stride));
    }

    private static ReadOnlyMemory<long> ShapeOf(ReadOnlySpan<long> all, int rows)
    {
        var shape = all.ToArray();
        shape[0] = rows;
        return shape;
    }

    public void Dispose()
    {
        foreach (var rented in _bytes ?? [])
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }

        // Cleared: else the pool would keep the requests' bodies alive.
        foreach (var rented in _texts ?? [])
        {
            if (rented is not null)
                ArrayPool<ReadOnlyMemory<byte>>.Shared.Return(rented, clearArray: true);
        }

        (_bytes, _texts) = (null, null);
    }

    private Tensor Numbers(ReadOnlySpan<PendingRequest> requests, int input, long[] shape)
    {
        var first = requests[0].Inputs[input];
        var length = checked((int)(Tensor.ElementCount(shape) * first.Type.Size()));
        var rented = ArrayPool<byte>.Shared.Rent(length);
        (_bytes ??= new byte[]?[Inputs.Length])[input] = rented;
        var at = 0;
        foreach (var request in requests)
        {
            var data = request.Inputs[input].Data.Span;
            data.CopyTo(rented.AsSpan(at));
            at += data.Length;
        }

        return new Tensor(first.Name, first.Type, shape, rented.AsMemory(0, length));
    }

    private Tensor Texts(ReadOnlySpan<PendingRequest> requests, int input, long[] shape)
    {
        var length = (int)Tensor.ElementCount(shape);
        var rented = ArrayPool<ReadOnlyMemory<byte>>.Shared.Rent(length);
        (_texts ??= new ReadOnlyMemory<byte>[]?[Inputs.Length])[input] = rented;
        var at = 0;
        foreach (var request in requests)
        {
            var elements = request.Inputs[input].Elements.Span;
            elements.CopyTo(rented.AsSpan(at));
            at += elements.Length;
        }

        return new Tensor(requests[0].Inputs[input].Name, shape, rented.AsMemory(0, length));
    }
}
