using System.Runtime.InteropServices;
using OrleansMl.Learning;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.FineTune;

/// <summary>Rows of a data set behind the trunk: embeddings [N, E] and labels [N], split into what is learned and what is judged on.</summary>
internal sealed class EmbeddedRows
{
    private readonly float[] _embeddings;
    private readonly double[] _labels;
    private readonly int _width;

    private EmbeddedRows(float[] embeddings, double[] labels, int width, double holdout, long seed)
    {
        (_embeddings, _labels, _width) = (embeddings, labels, width);
        Split = Splitter.HoldOut(labels.Length, holdout, seed);
    }

    public DataSplit Split { get; }

    public double LabelOf(int row) => _labels[row];

    /// <summary>[E], written.</summary>
    public void Read(int row, Span<double> embedding)
    {
        var source = _embeddings.AsSpan(row * _width, _width);
        for (var j = 0; j < source.Length; j++)
            embedding[j] = source[j];
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote row by row.</summary>
    public static EmbeddedRows Load(IDatasetStore datasets, string scratch, int width, double holdout, long seed)
    {
        using var file = datasets.OpenScratch(scratch);
        var rows = checked((int)(file.Length / (sizeof(double) + ((long)width * sizeof(float)))));
        var (embeddings, labels) = (new float[checked(rows * width)], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            file.ReadExactly(MemoryMarshal.AsBytes(labels.AsSpan(row, 1)));
            file.ReadExactly(MemoryMarshal.AsBytes(embeddings.AsSpan(row * width, width)));
        }

        return new EmbeddedRows(embeddings, labels, width, holdout, seed);
    }

    /// <summary>Appends rows to a file.</summary>
    public static void Write(Stream file, ReadOnlySpan<double> labels, ReadOnlySpan<float> embeddings)
    {
        var width = embeddings.Length / labels.Length;
        for (var row = 0; row < labels.Length; row++)
        {
            file.Write(MemoryMarshal.AsBytes(labels.Slice(row, 1)));
            file.Write(MemoryMarshal.AsBytes(embeddings.Slice(row * width, width)));
        }
    }
}
