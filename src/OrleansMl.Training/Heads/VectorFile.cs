using System.Runtime.InteropServices;

namespace OrleansMl.Training;

/// <summary>Rows of as many float32 each with a label, as they lie in a file, little-endian: of each row the label (float64), then its numbers.</summary>
public static class VectorFile
{
    /// <summary>Appends rows.</summary>
    /// <param name="file">Open for writing.</param>
    /// <param name="labels">[N].</param>
    /// <param name="numbers">[N, D], row-major.</param>
    public static void Write(Stream file, ReadOnlySpan<double> labels, ReadOnlySpan<float> numbers)
    {
        ArgumentNullException.ThrowIfNull(file);
        var width = numbers.Length / labels.Length;
        for (var row = 0; row < labels.Length; row++)
        {
            file.Write(MemoryMarshal.AsBytes(labels.Slice(row, 1)));
            file.Write(MemoryMarshal.AsBytes(numbers.Slice(row * width, width)));
        }
    }

    /// <summary>How many rows there are.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">D.</param>
    /// <exception cref="InvalidDataException">It ends within a row.</exception>
    public static int Count(string path, int width)
    {
        var (bytes, row) = (new FileInfo(path).Length, sizeof(double) + ((long)width * sizeof(float)));
        return bytes % row == 0 ? checked((int)(bytes / row)) : throw new InvalidDataException($"'{path}' has {bytes} bytes, which are no rows of {width} numbers.");
    }

    /// <summary>Reads some rows after the other.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="labels">[N], written.</param>
    /// <param name="numbers">[N, D], written.</param>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public static void Read(Stream file, Span<double> labels, Span<float> numbers)
    {
        ArgumentNullException.ThrowIfNull(file);
        var width = labels.Length == 0 ? 0 : numbers.Length / labels.Length;
        for (var row = 0; row < labels.Length; row++)
        {
            file.ReadExactly(MemoryMarshal.AsBytes(labels.Slice(row, 1)));
            file.ReadExactly(MemoryMarshal.AsBytes(numbers.Slice(row * width, width)));
        }
    }
}
