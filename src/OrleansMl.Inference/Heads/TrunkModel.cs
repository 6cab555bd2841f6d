using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>
/// A network up to its head: rows of numbers to embeddings. Rows go together where the network takes any number of them, also where
/// its file says a fixed one but answers the same without it; else one by one. Thread-safe, as <see cref="CoreModel"/>.
/// </summary>
public sealed class TrunkModel : IDisposable
{
    private readonly CoreModel _core;

    private TrunkModel(CoreModel core, ImmutableArray<long> rowShape, bool isBatched, ReadOnlyMemory<byte> bytes)
        => (_core, RowShape, IsBatched, Bytes) = (core, rowShape, isBatched, bytes);

    /// <summary>Shape of a row of the network's input, without the dimension that counts rows.</summary>
    public ImmutableArray<long> RowShape { get; }

    /// <summary>D: numbers of a row.</summary>
    public int InputWidth => _core.FeatureCount;

    /// <summary>E.</summary>
    public int EmbeddingWidth => _core.OutputWidth;

    /// <summary>Many rows are one run.</summary>
    public bool IsBatched { get; }

    /// <summary>The graph as a file: a core graph whose value is the embedding.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <exception cref="HeadException">The network's input cannot be fed, or what enters the head is no embedding [N, E].</exception>
    public static TrunkModel Load(NetworkHead head, OnnxModelOptions? options = null)
    {
        ImmutableArray<long> shape = [.. TrunkGraph.RowShape(head)];
        var (free, why) = TryLoad(TrunkGraph.Cut(head, isFree: true), head, options);
        if (free is not null && TakesRowsTogether(free.Value.Core))
            return new TrunkModel(free.Value.Core, shape, true, free.Value.Bytes);
        free?.Core.Dispose();
        if (TrunkGraph.FixedRows(head) is > 1 and var rows)
            throw new HeadException(HeadCodes.InputUnsupported, $"The network takes {rows} rows at once and no other number; export it with a free first dimension.");
        var (single, whyNot) = TryLoad(TrunkGraph.Cut(head, isFree: false), head, options);
        return single is not null
            ? new TrunkModel(single.Value.Core, shape, false, single.Value.Bytes)
            : throw new HeadException(HeadCodes.Unsupported, $"What enters the head, '{head.Layer.Entry}', is no embedding [N, {head.Start.DenseCount}]: {whyNot ?? why}");
    }

    /// <summary>Embeds rows.</summary>
    /// <param name="rows">N, ≥ 0.</param>
    /// <param name="inputs">[N, D], row-major.</param>
    /// <param name="embeddings">[N, E], written.</param>
    /// <exception cref="InferenceInputException">A length does not fit.</exception>
    /// <exception cref="InferenceRunException">The runtime failed.</exception>
    public void Embed(int rows, ReadOnlySpan<float> inputs, Span<float> embeddings)
    {
        if (IsBatched || rows == 1)
        {
            _core.ScoreRows(rows, inputs, [], [], embeddings);
            return;
        }

        if (inputs.Length != (long)rows * InputWidth || embeddings.Length != (long)rows * EmbeddingWidth)
            throw new InferenceInputException($"{rows} rows take {(long)rows * InputWidth} numbers and give {(long)rows * EmbeddingWidth}, not {inputs.Length} and {embeddings.Length}.");
        for (var i = 0; i < rows; i++)
            _core.ScoreRows(1, inputs.Slice(i * InputWidth, InputWidth), [], [], embeddings.Slice(i * EmbeddingWidth, EmbeddingWidth));
    }

    public void Dispose() => _core.Dispose();

    private static ((CoreModel Core, byte[] Bytes)? Loaded, string? Why) TryLoad(byte[] bytes, NetworkHead head, OnnxModelOptions? options)
    {
        try
        {
            var core = CoreModel.Load(bytes, options);
            if (core.OutputWidth == head.Start.DenseCount)
                return ((core, bytes), null);
            var why = $"it has {core.OutputWidth} numbers a row.";
            core.Dispose();
            return (null, why);
        }
        catch (ModelLoadException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>Three rows together answer what they answer one by one: no row reaches into another.</summary>
    private static bool TakesRowsTogether(CoreModel core)
    {
        const int Rows = 3;
        var (together, apart) = (new float[Rows * core.OutputWidth], new float[Rows * core.OutputWidth]);
        var inputs = HeadProbe.Rows(Rows, core.FeatureCount);
        try
        {
            core.ScoreRows(Rows, inputs, [], [], together);
            for (var i = 0; i < Rows; i++)
                core.ScoreRows(1, inputs.AsSpan(i * core.FeatureCount, core.FeatureCount), [], [], apart.AsSpan(i * core.OutputWidth, core.OutputWidth));
        }
        catch (InferenceRunException)
        {
            return false;
        }

        var size = apart.Max(Math.Abs);
        return together.Zip(apart).All(pair => Math.Abs(pair.First - pair.Second) <= 1e-3 * Math.Max(size, 1e-6f));
    }
}
