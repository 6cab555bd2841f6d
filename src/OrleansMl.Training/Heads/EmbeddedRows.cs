using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>Rows of a data set behind the trunk: embeddings [N, E] and labels [N], split into what is learned and what is judged on.</summary>
internal sealed class EmbeddedRows
{
    private readonly float[] _embeddings;
    private readonly double[] _labels;
    private readonly int _width;

    private EmbeddedRows(float[] embeddings, double[] labels, int width, DataSplit split) => (_embeddings, _labels, _width, Split) = (embeddings, labels, width, split);

    public DataSplit Split { get; }

    public double LabelOf(int row) => _labels[row];

    /// <summary>[E], written.</summary>
    public void Read(int row, Span<double> embedding)
    {
        var source = _embeddings.AsSpan(row * _width, _width);
        for (var j = 0; j < source.Length; j++)
            embedding[j] = source[j];
    }

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static EmbeddedRows Load(string path, int width, HeadPlan plan)
    {
        var rows = VectorFile.Count(path, width);
        var (embeddings, labels) = (new float[checked(rows * width)], new double[rows]);
        using var file = new BufferedStream(File.OpenRead(path), 1 << 16);
        VectorFile.Read(file, labels, embeddings);
        return new EmbeddedRows(embeddings, labels, width, plan.SplitOf(rows));
    }
}
