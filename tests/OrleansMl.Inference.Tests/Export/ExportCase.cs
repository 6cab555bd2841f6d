using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>Random rows, a learner or trainer that saw them, and the model's answers beside those of the exported models in ONNX Runtime.</summary>
internal sealed class ExportCase
{
    /// <summary>Relative, and absolute under 1.</summary>
    private const double Parity = 1e-5;

    private const int TrainingRows = 200;

    private static readonly string?[] _texts = [null, "", "a", "b", "c", "Ünïcode", "a b", "never seen"];

    private readonly Random _random;
    private readonly RowSchema _schema;
    private readonly Func<Random, string, double> _number;

    /// <param name="seed">Of the rows and labels.</param>
    /// <param name="columns">Names; those that start with t are texts.</param>
    /// <param name="spec">The pipeline.</param>
    /// <param name="type">Of the learner.</param>
    /// <param name="number">Values by column name; null: normal, every eighth missing.</param>
    /// <param name="labels">Class labels.</param>
    /// <param name="classes">Of the target; null: two, or none for linear_regression.</param>
    /// <param name="parameters">Of the learner, or of the trainer.</param>
    /// <param name="batch">The type is a trainer's, which fits all rows at once.</param>
    public ExportCase(
        int seed,
        string[] columns,
        PipelineSpec spec,
        string type = "logistic_regression",
        Func<Random, string, double>? number = null,
        string[]? labels = null,
        int? classes = null,
        Dictionary<string, object>? parameters = null,
        bool batch = false)
    {
        (_random, _number) = (new Random(seed), number ?? Number);
        _schema = new RowSchema(columns.Select(name => new Column(name, name[0] == 't' ? ColumnKind.Categorical : ColumnKind.Numeric)));
        var rows = Rows(TrainingRows, _texts.Length - 1);
        Pipeline = FittedPipeline.Fit(spec, _schema, rows);
        Classes = classes ?? (type == "linear_regression" ? 0 : 2);
        var shape = new LearnerShape(Pipeline.DenseCount, Pipeline.HashBits, Pipeline.HashedCount, Classes);
        Learner = batch ? null : LearnerFactory.Create(type, parameters, shape, 1);
        var (dense, indices, values, targets) = (new List<double>(), new List<int>(), new List<double>(), new List<double>());
        var room = new TransformedRow(Pipeline);
        foreach (var row in rows)
        {
            var x = room.Fill(row);
            var signal = x.Dense.IsEmpty ? 0 : x.Dense[0];
            var noisy = (3 * Math.Tanh(signal)) + _random.NextDouble() + (x.HashedIndices.Length > 0 ? x.HashedIndices[0] % 3 : 0);
            var target = Classes switch
            {
                0 => noisy,
                2 => noisy > 1 ? 1 : 0,
                _ => Math.Clamp(Math.Floor(noisy), 0, Classes - 1),
            };
            Learner?.LearnOne(x, target);
            dense.AddRange(x.Dense);
            indices.AddRange(x.HashedIndices);
            values.AddRange(x.HashedValues);
            targets.Add(target);
        }

        Fitted = Learner?.Snapshot() ?? TrainerFactory.Create(type, parameters, new TrainerShape(shape, []), 1)
            .Fit(new TrainingRows(rows.Length, [.. dense], [.. indices], [.. values], [.. targets]), null, null, CancellationToken.None);
        Model = OnnxExporter.Export(Pipeline, Fitted, new ExportOptions { ModelName = "case", ClassLabels = [.. labels ?? []] });
        Labels = labels;
    }

    public FittedPipeline Pipeline { get; }

    /// <summary>Null when a trainer fitted.</summary>
    public ILearner? Learner { get; }

    /// <summary>What was exported.</summary>
    public LearnerModel Fitted { get; }

    /// <summary>0 for a value.</summary>
    public int Classes { get; }

    public ExportedModel Model { get; }

    private string[]? Labels { get; }

    /// <summary>Checks batches of 1 and 64 fresh rows, unknown texts among them.</summary>
    public void AssertParity()
    {
        foreach (var count in new[] { 1, 64 })
            AssertParity(Rows(count, _texts.Length));
    }

    public void AssertParity(Row[] rows)
    {
        var room = new TransformedRow(Pipeline);
        var features = new float[rows.Length * Pipeline.DenseCount];
        var indices = new long[rows.Length * Pipeline.HashedCount];
        var values = new float[rows.Length * Pipeline.HashedCount];
        var width = Math.Max(1, Classes);
        var expected = new double[rows.Length * width];
        var model = Fitted;
        for (var i = 0; i < rows.Length; i++)
        {
            var x = room.Fill(rows[i]);
            for (var j = 0; j < Pipeline.DenseCount; j++)
                features[(i * Pipeline.DenseCount) + j] = (float)x.Dense[j];
            for (var j = 0; j < Pipeline.HashedCount; j++)
                (indices[(i * Pipeline.HashedCount) + j], values[(i * Pipeline.HashedCount) + j]) = (x.HashedIndices[j], (float)x.HashedValues[j]);

            // What the graphs are given: a normal density tells numbers apart that are one float.
            var rounded = features[(i * Pipeline.DenseCount)..((i + 1) * Pipeline.DenseCount)].Select(value => (double)value).ToArray();
            model.Predict(new FeatureSpan(rounded, x.HashedIndices, x.HashedValues), expected.AsSpan(i * width, width));
            if (model is LinearModel && Learner is not null)
                AssertClose(Learner.PredictOne(x), expected[((i + 1) * width) - 1]);
        }

        AssertAnswers(expected, Onnx.Run(Model.Full, RawInputs(rows), rows.Length));
        var core = new Dictionary<string, (Array Data, long Width)> { [ExportNames.Features] = (features, Pipeline.DenseCount) };
        if (Pipeline.HashedCount > 0)
        {
            core.Add(ExportNames.HashedIndices, (indices, Pipeline.HashedCount));
            core.Add(ExportNames.HashedValues, (values, Pipeline.HashedCount));
        }

        AssertAnswers(expected, Onnx.Run(Model.Core, core, rows.Length));

        using var served = CoreModel.Load(Model.Core);
        var output = new float[rows.Length * served.OutputWidth];
        served.ScoreRows(rows.Length, features, indices, values, output);
        Assert.Equal(width, served.OutputWidth);
        for (var i = 0; i < output.Length; i++)
            AssertClose(expected[i], output[i]);
    }

    private Dictionary<string, (Array Data, long Width)> RawInputs(Row[] rows)
    {
        var inputs = new Dictionary<string, (Array, long)>();
        for (var i = 0; i < _schema.Columns.Length; i++)
        {
            var slot = _schema.SlotOf(i);
            Array data = _schema.Columns[i].Kind == ColumnKind.Numeric
                ? rows.Select(row => (float)row.Numeric[slot]).ToArray()
                : rows.Select(row => row.Categorical[slot] ?? "").ToArray();
            inputs.Add(_schema.Columns[i].Name, (data, 1));
        }

        return inputs;
    }

    private void AssertAnswers(double[] expected, IReadOnlyDictionary<string, Array> outputs)
    {
        if (Classes == 0)
        {
            var variable = (float[])Assert.Single(outputs, output => output.Key == ExportNames.Variable).Value;
            Assert.Equal(expected.Length, variable.Length);
            for (var i = 0; i < expected.Length; i++)
                AssertClose(expected[i], variable[i]);
            return;
        }

        var probabilities = (float[])outputs[ExportNames.Probabilities];
        Assert.Equal(expected.Length, probabilities.Length);
        for (var i = 0; i < expected.Length; i++)
            AssertClose(expected[i], probabilities[i]);
        for (var row = 0; row < expected.Length / Classes; row++)
        {
            var ranked = Enumerable.Range(0, Classes).OrderByDescending(c => expected[(row * Classes) + c]).ToArray();

            // The class is a threshold: not asked for within the rounding of the score.
            if (expected[(row * Classes) + ranked[0]] - expected[(row * Classes) + ranked[1]] < Parity)
                continue;
            if (Labels is null)
                Assert.Equal(ranked[0], ((long[])outputs[ExportNames.Label])[row]);
            else
                Assert.Equal(Labels[ranked[0]], ((string[])outputs[ExportNames.Label])[row]);
        }
    }

    private static void AssertClose(double expected, double actual)
        => Assert.InRange(Math.Abs(expected - actual), 0, Parity * Math.Max(1, Math.Abs(expected)));

    private Row[] Rows(int count, int texts) => [.. Enumerable.Range(0, count).Select(_ => new Row(
        [.. _schema.Columns.Where(column => column.Kind == ColumnKind.Numeric).Select(column => _number(_random, column.Name))],
        [.. Enumerable.Range(0, _schema.CategoricalCount).Select(_ => _texts[_random.Next(texts)])]))];

    /// <summary>Values that float32 holds exactly, so that the comparison is of the graph, not of the input's rounding.</summary>
    private static double Number(Random random, string column) => random.Next(8) == 0
        ? double.NaN
        : (float)Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * (float)Math.Cos(2 * Math.PI * random.NextDouble());
}
