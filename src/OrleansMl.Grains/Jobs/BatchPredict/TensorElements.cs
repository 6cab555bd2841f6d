using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Datasets;
using OrleansMl.Inference;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>Cells to elements of tensors, and back.</summary>
internal static class TensorElements
{
    /// <summary>Writes a cell as an element; answers with why it cannot be one, or null.</summary>
    public static string? Write(TensorType type, Cell cell, Span<byte> into)
    {
        switch (type)
        {
            case TensorType.Fp32 or TensorType.Fp64 or TensorType.Fp16 or TensorType.Bf16:
                if (!TryNumber(cell, out var number))
                    return "a number";
                WriteFloat(type, number, into);
                return null;
            case TensorType.Bool:
                if (!TryTruth(cell, out var truth))
                    return "true or false";
                into[0] = truth ? (byte)1 : (byte)0;
                return null;
            default:
                if (!TryWhole(cell, out var whole))
                    return "a whole number";
                return WriteWhole(type, whole, into) ? null : $"a whole number that {type.ToProtocolName()} holds";
        }
    }

    /// <summary>Text of a cell for a BYTES element; null where it is a list or an object.</summary>
    public static string? TextOf(Cell cell) => cell.Kind switch
    {
        CellKind.Missing => "",
        CellKind.Raw or CellKind.Text => cell.Text,
        CellKind.Number => cell.Number.ToString("R", CultureInfo.InvariantCulture),
        CellKind.Bool => cell.Number != 0 ? "true" : "false",
        _ => null,
    };

    /// <summary>An element as a cell. Bytes that are no UTF-8 are read with replacements.</summary>
    public static Cell Read(Tensor tensor, int index)
    {
        if (tensor.Type == TensorType.Bytes)
            return Cell.Of(Encoding.UTF8.GetString(tensor.Elements.Span[index].Span));
        var size = tensor.Type.Size();
        var bytes = tensor.Data.Span.Slice(index * size, size);
        return tensor.Type switch
        {
            TensorType.Bool => Cell.Of(bytes[0] != 0),
            TensorType.UInt8 => Cell.Of((long)bytes[0]),
            TensorType.Int8 => Cell.Of((long)(sbyte)bytes[0]),
            TensorType.UInt16 => Cell.Of((long)BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            TensorType.Int16 => Cell.Of((long)BinaryPrimitives.ReadInt16LittleEndian(bytes)),
            TensorType.UInt32 => Cell.Of((long)BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
            TensorType.Int32 => Cell.Of((long)BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            TensorType.UInt64 => Cell.Of(BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
            TensorType.Int64 => Cell.Of(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            TensorType.Fp16 => Cell.Of((float)BinaryPrimitives.ReadHalfLittleEndian(bytes)),
            TensorType.Bf16 => Cell.Of(BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16)),
            TensorType.Fp32 => Cell.Of(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
            _ => Cell.Of(BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
        };
    }

    private static void WriteFloat(TensorType type, double number, Span<byte> into)
    {
        switch (type)
        {
            case TensorType.Fp32:
                BinaryPrimitives.WriteSingleLittleEndian(into, (float)number);
                break;
            case TensorType.Fp64:
                BinaryPrimitives.WriteDoubleLittleEndian(into, number);
                break;
            case TensorType.Fp16:
                BinaryPrimitives.WriteHalfLittleEndian(into, (Half)number);
                break;
            default:
                // Rounded to nearest, ties to even; a NaN keeps a bit of its fraction.
                var bits = BitConverter.SingleToUInt32Bits((float)number);
                BinaryPrimitives.WriteUInt16LittleEndian(into, double.IsNaN(number) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
                break;
        }
    }

    private static bool WriteWhole(TensorType type, Int128 whole, Span<byte> into)
    {
        var (least, most) = type switch
        {
            TensorType.Int8 => ((Int128)sbyte.MinValue, (Int128)sbyte.MaxValue),
            TensorType.UInt8 => (0, byte.MaxValue),
            TensorType.Int16 => (short.MinValue, short.MaxValue),
            TensorType.UInt16 => (0, ushort.MaxValue),
            TensorType.Int32 => (int.MinValue, int.MaxValue),
            TensorType.UInt32 => (0, uint.MaxValue),
            TensorType.UInt64 => (0, ulong.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        if (whole < least || whole > most)
            return false;
        var bits = unchecked((ulong)(UInt128)whole);
        Span<byte> all = stackalloc byte[8];
        MemoryMarshal.Write(all, BitConverter.IsLittleEndian ? bits : BinaryPrimitives.ReverseEndianness(bits));
        all[..into.Length].CopyTo(into);
        return true;
    }

    /// <summary>A missing value of a float is NaN.</summary>
    private static bool TryNumber(Cell cell, out double number)
    {
        number = cell.Kind == CellKind.Missing ? double.NaN : cell.Number;
        return cell.Kind switch
        {
            CellKind.Missing or CellKind.Number or CellKind.Bool => true,
            CellKind.Raw => double.TryParse(cell.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
    }

    private static bool TryWhole(Cell cell, out Int128 whole)
    {
        whole = 0;
        if (cell.Kind == CellKind.Raw && Int128.TryParse(cell.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))
            return true;
        if (cell.Kind is not (CellKind.Raw or CellKind.Number or CellKind.Bool) || !TryNumber(cell, out var number) || number != Math.Floor(number) || Math.Abs(number) > 1L << 53)
            return false;
        whole = (Int128)number;
        return true;
    }

    private static bool TryTruth(Cell cell, out bool truth)
    {
        truth = cell.Kind == CellKind.Raw ? cell.Text is "true" or "True" or "TRUE" or "1" : cell.Number != 0;
        return cell.Kind switch
        {
            CellKind.Bool => true,
            CellKind.Number => cell.Number is 0 or 1,
            CellKind.Raw => truth || cell.Text is "false" or "False" or "FALSE" or "0",
            _ => false,
        };
    }
}
