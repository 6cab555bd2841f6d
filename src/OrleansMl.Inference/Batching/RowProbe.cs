using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace OrleansMl.Inference;

/// <summary>
/// Finds outputs whose rows depend on each other (a softmax over the first axis, a running sum, statistics of the batch):
/// shapes do not show it, and batched answers would be wrong. A few made-up rows run alone and together must give the same.
/// </summary>
internal static class RowProbe
{
    private const int Rows = 3;

    // Far above what another order of summation does, far below what another row does.
    private const double Tolerance = 1e-3;

    /// <summary>Marks the outputs that differ. A model that refuses made-up inputs stays unmarked: nothing was learned.</summary>
    /// <returns>Batch sizes that ran.</returns>
    public static ImmutableArray<int> Run(IBatchModel model, BatchDimension dimension, int maxRows, IReadOnlyList<string> outputs)
    {
        string[] wanted = [.. outputs.Where(o => dimension.AreSplittable([o]))];
        if (dimension.WhyNever is not null || maxRows < 2 || wanted.Length == 0)
            return [];
        try
        {
            var requests = new PendingRequest[Math.Min(Rows, maxRows)];
            for (var row = 0; row < requests.Length; row++)
            {
                var inputs = InputsOf(model.Signature, row);
                requests[row] = new PendingRequest(inputs, wanted, 1, BatchKey.Of(inputs));
            }

            using var assembly = BatchAssembly.Of(requests, requests.Length);
            var together = model.Run(assembly.Inputs, wanted, TimeProvider.System, out _);
            dimension.Check(together, requests.Length);
            for (var row = 0; row < requests.Length; row++)
            {
                var alone = model.Run(requests[row].Inputs, wanted, TimeProvider.System, out _);
                for (var o = 0; o < wanted.Length; o++)
                {
                    if (dimension.AreSplittable([wanted[o]]) && !AreEqual(alone[o], BatchAssembly.Slice(together[o], row, 1)))
                        dimension.Mark(wanted[o], $"Output '{wanted[o]}' of a row differs when other rows run with it.");
                }
            }

            return [1, requests.Length];
        }
        catch (Exception exception) when (exception is InferenceInputException or InferenceRunException or ArgumentException or OverflowException or OutOfMemoryException)
        {
            // Zeros and ones need not be a valid request; whether a batch's outputs have the rows first is checked at each run.
            return [];
        }
    }

    private static Tensor[] InputsOf(ModelSignature signature, int row) =>
        [.. WarmUp.InputsFor(signature, 1).Select(t => t.Type == TensorType.Bytes
            ? new Tensor(t.Name, t.Shape, Enumerable.Range(0, t.Elements.Length).Select(i => (ReadOnlyMemory<byte>)((i + row) % 2 == 0 ? "0"u8 : "1"u8).ToArray()).ToArray())
            : new Tensor(t.Name, t.Type, t.Shape, ValuesOf(t, row)))];

    /// <summary>Numbers about 0 that differ by row; whole ones are 0 or 1, which most tables of a model have a place for.</summary>
    private static byte[] ValuesOf(Tensor tensor, int row)
    {
        var data = new byte[tensor.Data.Length];
        for (var i = 0; i < data.Length / tensor.Type.Size(); i++)
        {
            var at = data.AsSpan(i * tensor.Type.Size());
            var value = (0.7f * row) - 0.4f + (0.1f * (i % 7));
            switch (tensor.Type)
            {
                case TensorType.Fp32:
                    MemoryMarshal.Write(at, value);
                    break;
                case TensorType.Fp64:
                    MemoryMarshal.Write(at, (double)value);
                    break;
                case TensorType.Fp16:
                    MemoryMarshal.Write(at, (Half)value);
                    break;
                case TensorType.Bf16:
                    MemoryMarshal.Write(at, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
                    break;
                default:
                    at[0] = (byte)((i + row) % 2);
                    break;
            }
        }

        return data;
    }

    private static bool AreEqual(Tensor alone, Tensor together)
    {
        if (!alone.Shape.Span.SequenceEqual(together.Shape.Span))
            return false;
        if (alone.Type == TensorType.Bytes)
            return alone.Elements.ToArray().Zip(together.Elements.ToArray()).All(p => p.First.Span.SequenceEqual(p.Second.Span));
        for (var i = 0; i < alone.Data.Length / alone.Type.Size(); i++)
        {
            var (a, b) = (Number(alone, i), Number(together, i));
            if (!a.Equals(b) && !(Math.Abs(a - b) <= Tolerance * Math.Max(1, Math.Abs(a))))
                return false;
        }

        return true;
    }

    private static double Number(Tensor tensor, int index)
    {
        var at = tensor.Data.Span[(index * tensor.Type.Size())..];
        return tensor.Type switch
        {
            TensorType.Fp32 => MemoryMarshal.Read<float>(at),
            TensorType.Fp64 => MemoryMarshal.Read<double>(at),
            TensorType.Fp16 => (double)MemoryMarshal.Read<Half>(at),
            TensorType.Bf16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(at) << 16),
            TensorType.Int64 => MemoryMarshal.Read<long>(at),
            TensorType.UInt64 => MemoryMarshal.Read<ulong>(at),
            TensorType.Int32 => MemoryMarshal.Read<int>(at),
            TensorType.UInt32 => MemoryMarshal.Read<uint>(at),
            TensorType.Int16 => MemoryMarshal.Read<short>(at),
            TensorType.UInt16 => MemoryMarshal.Read<ushort>(at),
            TensorType.Int8 => (sbyte)at[0],
            _ => at[0],
        };
    }
}
