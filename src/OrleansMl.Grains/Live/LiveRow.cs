using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OrleansMl.Learning;

namespace OrleansMl.Live;

/// <summary>
/// One update as bytes: label, weight, dense numbers [D], values [K], places [K], little-endian. All rows of one pipeline
/// have one length.
/// </summary>
internal sealed class LiveRow(int denseCount, int hashedCount)
{
    private readonly double[] _numbers = new double[2 + denseCount + hashedCount];
    private readonly int[] _places = new int[hashedCount];

    /// <summary>Bytes of a row.</summary>
    public int Length { get; } = ((2 + denseCount + hashedCount) * sizeof(double)) + (hashedCount * sizeof(int));

    public double Label => _numbers[0];

    public double Weight => _numbers[1];

    /// <summary>The row that was read last.</summary>
    public FeatureSpan Features => new(_numbers.AsSpan(2, denseCount), _places, _numbers.AsSpan(2 + denseCount));

    /// <param name="target">[<see cref="Length"/>], written.</param>
    /// <param name="x">A transformed row.</param>
    /// <param name="label">As it was learned.</param>
    /// <param name="weight">As it was learned.</param>
    public static void Write(Span<byte> target, in FeatureSpan x, double label, double weight)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(target, label);
        BinaryPrimitives.WriteDoubleLittleEndian(target[sizeof(double)..], weight);
        target = target[(2 * sizeof(double))..];
        Put(x.Dense, ref target);
        Put(x.HashedValues, ref target);
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(x.HashedIndices).CopyTo(target);
            return;
        }

        for (var i = 0; i < x.HashedIndices.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(target[(i * sizeof(int))..], x.HashedIndices[i]);
    }

    /// <summary>Reads a row into the room of this one.</summary>
    public void Read(ReadOnlySpan<byte> row)
    {
        for (var i = 0; i < _numbers.Length; i++)
            _numbers[i] = BinaryPrimitives.ReadDoubleLittleEndian(row[(i * sizeof(double))..]);
        row = row[(_numbers.Length * sizeof(double))..];
        for (var i = 0; i < _places.Length; i++)
            _places[i] = BinaryPrimitives.ReadInt32LittleEndian(row[(i * sizeof(int))..]);
    }

    private static void Put(ReadOnlySpan<double> numbers, ref Span<byte> target)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(numbers).CopyTo(target);
        }
        else
        {
            for (var i = 0; i < numbers.Length; i++)
                BinaryPrimitives.WriteDoubleLittleEndian(target[(i * sizeof(double))..], numbers[i]);
        }

        target = target[(numbers.Length * sizeof(double))..];
    }
}
