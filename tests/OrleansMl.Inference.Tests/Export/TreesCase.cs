using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>Boosted trees fitted on random rows of two numbers and two texts, and their answers beside those of ONNX Runtime.</summary>
internal sealed class TreesCase
{
    /// <summary>Relative, and absolute under 1. One float32 is off by 6e-8 of its size.</summary>
    private const double Parity = 1e-6;

    private const int TrainingRows = 600;

    private static readonly string?[] s_texts = [null, "", "a", "b", "c", "Ünïcode", "a b", "never seen"];
    private static readonly RowSchema s_schema = new([new Column("x", ColumnKind.Numeric), new Column("y", ColumnKind.Numeric), new Column("t", ColumnKind.Categorical), new Column("t2", ColumnKind.Categorical)]);

    private readonly Random _random;
    private readonly string[]? _labels;
    private readonly int _classes;

    public TreesCase(int seed, PipelineSpec spec, int classes, Dictionary<string, object> parameters, string[]? labels = null)
    {
        (_random, _labels, _classes) = (new Random(seed), labels, classes);
        var rows = Rows(TrainingRows, s_texts.Length - 1);
        Pipeline = FittedPipeline.Fit(spec, s_schema, rows);
        var shape = new TrainerShape(new LearnerShape(Pipeline.DenseCount, 0, 0, classes), Pipeline.DenseCategories);
        parameters.TryAdd("minRowsPerLeaf", 4.0);
        var room = new TransformedRow(Pipeline);
        var dense = rows.SelectMany(row => room.Fill(row).Dense.ToArray()).ToArray();
        var train = new TrainingRows(rows.Length, dense, [], [], [.. rows.Select(Target)]);
        Model = (BoostedTreesModel)TrainerFactory.Create("gradient_boosted_trees", parameters, shape, 1).Fit(train, null, null, default);
        Exported = OnnxExporter.Export(Pipeline, Model, new ExportOptions { ModelName = "case", ClassLabels = [.. labels ?? []] });
    }

    public FittedPipeline Pipeline { get; }

    public BoostedTreesModel Model { get; }

    public ExportedModel Exported { get; }

    /// <summary>Batches of 1 and of many, unknown texts among them: the runtime sums them in other orders.</summary>
    public void AssertParity()
    {
        foreach (var count in new[] { 1, 1, 1, 300 })
            AssertParity(Rows(count, s_texts.Length));
    }

    public void AssertParity(Row[] rows)
    {
        var width = Math.Max(1, _classes);
        var (expected, features) = (new double[rows.Length * width], new float[rows.Length * Pipeline.DenseCount]);
        var room = new TransformedRow(Pipeline);
        for (var i = 0; i < rows.Length; i++)
        {
            var x = room.Fill(rows[i]);
            Model.Predict(x, expected.AsSpan(i * width, width));
            for (var j = 0; j < Pipeline.DenseCount; j++)
                features[(i * Pipeline.DenseCount) + j] = (float)x.Dense[j];
        }

        AssertAnswers(expected, Onnx.Run(Exported.Full, new Dictionary<string, (Array Data, long Width)>
        {
            ["x"] = (rows.Select(row => (float)row.Numeric[0]).ToArray(), 1),
            ["y"] = (rows.Select(row => (float)row.Numeric[1]).ToArray(), 1),
            ["t"] = (rows.Select(row => row.Categorical[0] ?? "").ToArray(), 1),
            ["t2"] = (rows.Select(row => row.Categorical[1] ?? "").ToArray(), 1),
        }, rows.Length));
        AssertAnswers(expected, Onnx.Run(Exported.Core, new Dictionary<string, (Array Data, long Width)> { [ExportNames.Features] = (features, Pipeline.DenseCount) }, rows.Length));
        using var served = CoreModel.Load(Exported.Core);
        var output = new float[rows.Length * served.OutputWidth];
        served.ScoreRows(rows.Length, features, [], [], output);
        AssertClose(expected, output);
    }

    private void AssertAnswers(double[] expected, IReadOnlyDictionary<string, Array> outputs)
    {
        AssertClose(expected, (float[])outputs[_classes == 0 ? ExportNames.Variable : ExportNames.Probabilities]);
        for (var row = 0; _classes > 0 && row < expected.Length / _classes; row++)
        {
            var ranked = Enumerable.Range(0, _classes).OrderByDescending(one => expected[(row * _classes) + one]).ToArray();
            if (expected[(row * _classes) + ranked[0]] - expected[(row * _classes) + ranked[1]] < Parity)
                continue;
            if (_labels is null)
                Assert.Equal(ranked[0], ((long[])outputs[ExportNames.Label])[row]);
            else
                Assert.Equal(_labels[ranked[0]], ((string[])outputs[ExportNames.Label])[row]);
        }
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, Parity * Math.Max(1, Math.Abs(expected[i])));
    }

    private double Target(Row row)
    {
        var score = (double.IsNaN(row.Numeric[0]) ? 2 : Math.Sin(2 * row.Numeric[0])) + (double.IsNaN(row.Numeric[1]) ? -1 : row.Numeric[1] / 2)
            + (row.Categorical[0] is "a" or "c" or null ? 1.5 : 0) + (row.Categorical[1] is "b" or "a b" ? -1.5 : 0) + _random.NextDouble();
        return _classes switch
        {
            0 => Math.Max(0, 20 + (10 * score)),
            2 => score > 1 ? 1 : 0,
            _ => Math.Clamp(Math.Floor(score + 1), 0, _classes - 1),
        };
    }

    private Row[] Rows(int count, int texts) =>
    [
        .. Enumerable.Range(0, count).Select(_ => new Row(
            [Number(), Number()],
            [s_texts[_random.Next(texts)], s_texts[_random.Next(texts)]])),
    ];

    /// <summary>Values that float32 holds exactly, as the graph's inputs are float32.</summary>
    private double Number() => _random.Next(6) == 0 ? double.NaN : (float)((_random.NextDouble() * 6) - 3);
}
