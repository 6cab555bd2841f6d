using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>Graphs of other programs behind a pipeline: whatever they call their values, they answer what they answer alone.</summary>
public sealed class ForeignExportTests
{
    private static readonly float[] s_weights = [1, -2, 0.5f, 0.25f];

    /// <summary>Its columns have names as values of the graphs will.</summary>
    private static readonly string[] s_columns = ["model/w", "input"];

    private static readonly FittedPipeline s_pipeline = FittedPipeline.Fit(
        new PipelineSpec(new StandardScaleSpec(ColumnSelector.Numeric)),
        new RowSchema([.. s_columns.Select(name => new Column(name, ColumnKind.Numeric))]),
        [.. Enumerable.Range(0, 20).Select(row => new Row([row, row * row % 7], []))]);

    [Fact]
    public void A_label_that_is_a_number_becomes_the_class_s_name_as_of_every_version()
    {
        var answers = AssertSame(Classifier(), 2, ["DOWN", "UP"]);
        Assert.Equal(["DOWN", "UP"], answers.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["0", "1"], AssertSame(Classifier(), 2, []).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Maps_become_the_probabilities_that_they_hold()
    {
        var model = Classifier();
        model.Graph.Node.Single(node => node.OpType == "Softmax").Output[0] = "p";
        model.Graph.Node.Single(node => node.OpType == "ArgMax").Input[0] = "p";
        var zip = Graphs.Node("ZipMap", ["p"], ["probabilities"], new AttributeProto { Name = "classlabels_int64s", Ints = { 0, 1 }, Type = AttributeProto.Types.AttributeType.Ints });
        zip.Domain = "ai.onnx.ml";
        model.Graph.Node.Add(zip);
        model.Graph.Output.Single(output => output.Name == "probabilities").Type = new TypeProto
        {
            SequenceType = new TypeProto.Types.Sequence { ElemType = new TypeProto { MapType = new TypeProto.Types.Map { KeyType = (int)DataType.Int64, ValueType = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } } } },
        };
        AssertSame(model, 2, ["DOWN", "UP"]);
    }

    /// <summary>A branch reads the input and a weight of the graph around it, under names that the pipeline has too.</summary>
    [Fact]
    public void Subgraphs_see_the_values_of_the_graph_around_them_under_their_new_names()
    {
        GraphProto Branch(string op) => new() { Name = op, Node = { Graphs.Node(op, ["input", "w"], [op + "_out"]) }, Output = { Graphs.Value(op + "_out", DataType.Float, "n", 1) } };
        var model = Graphs.Model(
                Graphs.Node("ReduceMean", ["input"], ["mean"], new AttributeProto { Name = "keepdims", Type = AttributeProto.Types.AttributeType.Int }),
                Graphs.Node("Greater", ["mean", "oml/0/constant"], ["is"]),
                Graphs.Node("If", ["is"], ["variable"], new AttributeProto { Name = "then_branch", G = Branch("MatMul"), Type = AttributeProto.Types.AttributeType.Graph }, new AttributeProto { Name = "else_branch", G = Branch("MatMul"), Type = AttributeProto.Types.AttributeType.Graph }))
            .In("input", DataType.Float, "n", 2).Out("variable", DataType.Float, "n", 1).Floats("w", [2, 1], s_weights[..2]).Floats("oml/0/constant", [], 0);
        AssertSame(model, 0, []);
    }

    [Theory]
    [InlineData(9, 1, 17)]
    [InlineData(17, 3, 17)]
    [InlineData(21, 4, 21)]
    public void The_newer_of_two_operator_sets_is_that_of_the_whole(long standard, long ml, long written)
    {
        var model = Graphs.Model(Graphs.Node("MatMul", ["input", "w"], ["variable"])).In("input", DataType.Float, "n", 2).Out("variable", DataType.Float, "n", 1).Floats("w", [2, 1], s_weights[..2]);
        (model.OpsetImport[0].Version, model.OpsetImport[1].Version, model.IrVersion) = (standard, ml, standard > 20 ? 10 : 8);
        AssertSame(model, 0, []);
        var full = ModelProto.Parser.ParseFrom(Compose(model, 0, []));
        Assert.Equal(written, full.OpsetImport.Single(opset => opset.Domain == "").Version);
        Assert.Equal(ml, full.OpsetImport.Single(opset => opset.Domain == "ai.onnx.ml").Version);
    }

    [Fact]
    public void What_means_something_else_in_the_set_that_is_written_is_refused_with_the_remedy()
    {
        var softmax = Classifier();
        softmax.OpsetImport[0].Version = 11;
        Refused("is of operator set 11, and Softmax means something else", softmax, 2);
        var newer = Classifier();
        newer.OpsetImport[0].Version = 22;
        Refused("is of operator set 22; versions are written up to 21", newer, 2);
        var encoder = Graphs.Node("LabelEncoder", ["label0"], ["label"]);
        encoder.Domain = "ai.onnx.ml";
        var labels = Classifier();
        labels.OpsetImport[1].Version = 1;
        labels.Graph.Node.Add(encoder);
        labels.Graph.Node.Single(node => node.OpType == "ArgMax").Output[0] = "label0";
        Refused("a LabelEncoder of version 1 of ai.onnx.ml", labels, 2);
        var functions = Classifier();
        functions.Functions.Add(new FunctionProto { Name = "f", Domain = "own" });
        Refused("functions of its own", functions, 2);
        Refused("no output 'variable' FP32 (it has 'label' INT64, 'probabilities' FP32)", Classifier(), 0);
    }

    [Fact]
    public void A_width_that_the_pipeline_does_not_give_and_a_column_named_as_an_output_are_refused()
    {
        var wide = Graphs.Model(Graphs.Node("MatMul", ["input", "w"], ["variable"])).In("input", DataType.Float, "n", 4).Out("variable", DataType.Float, "n", 1).Floats("w", [4, 1], s_weights);
        Assert.Contains("yields 2 dense and 0 hashed features; the model takes 4", Assert.Throws<ArgumentException>(() => Compose(wide, 0, [])).Message, StringComparison.Ordinal);
        var named = FittedPipeline.Fit(new PipelineSpec(), new RowSchema([new Column("label", ColumnKind.Numeric), new Column("x", ColumnKind.Numeric)]), [new Row([1, 2], [])]);
        Assert.Contains("Column 'label'", Assert.Throws<ArgumentException>(() => OnnxExporter.ExportForeign(named, ForeignModel.ToCore(Classifier().ToByteArray()), 2, new ExportOptions { ModelName = "m" })).Message, StringComparison.Ordinal);
    }

    /// <summary>probabilities = softmax(input · w), and the number of the most probable.</summary>
    private static ModelProto Classifier() => Graphs.Model(
            Graphs.Node("MatMul", ["input", "w"], ["z"]),
            Graphs.Node("Softmax", ["z"], ["probabilities"], new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int }),
            Graphs.Node("ArgMax", ["probabilities"], ["label"], new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int }, new AttributeProto { Name = "keepdims", I = 0, Type = AttributeProto.Types.AttributeType.Int }))
        .In("input", DataType.Float, "n", 2).Out("label", DataType.Int64, "n").Out("probabilities", DataType.Float, "n", 2).Floats("w", [2, 2], s_weights);

    private static byte[] Compose(ModelProto model, int classes, string[] labels) =>
        OnnxExporter.ExportForeign(s_pipeline, ForeignModel.ToCore(model.ToByteArray()), classes, new ExportOptions { ModelName = "m", ClassLabels = [.. labels] });

    private static void Refused(string words, ModelProto model, int classes) =>
        Assert.Contains(words, Assert.Throws<ModelLoadException>(() => Compose(model, classes, [])).Message, StringComparison.Ordinal);

    /// <summary>The whole against the two one after the other; the labels.</summary>
    private static string[] AssertSame(ModelProto model, int classes, string[] labels)
    {
        const int Rows = 30;
        var random = new Random(9);
        float[][] raw = [.. Enumerable.Range(0, Rows).Select(_ => new[] { random.NextSingle() * 20, random.NextSingle() * 7 })];
        Tensor[] inputs = [.. s_columns.Select((column, at) => Numbers(column, [.. raw.Select(row => row[at])], 1))];
        var whole = Compose(model, classes, labels);
        var name = classes == 0 ? ExportNames.Variable : ExportNames.Probabilities;
        var expected = Run(ForeignModel.ToCore(model.ToByteArray()), [Numbers(ExportNames.Features, [.. raw.SelectMany(Transformed)], 2)], name);
        var answered = Run(whole, inputs, name);
        Assert.Equal(expected.Length, answered.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], answered[i], 1e-6);
        Assert.Empty(GraphChecker.Check(ModelProto.Parser.ParseFrom(whole)));
        if (classes == 0)
            return [];
        using var loaded = OnnxModel.Load(whole);
        var label = loaded.Run(inputs, [ExportNames.Label])[0];
        return label.Type == TensorType.Int64 ? [.. label.Values<long>().Select(value => $"{value}")] : [.. label.Elements.ToArray().Select(text => System.Text.Encoding.UTF8.GetString(text.Span))];
    }

    private static float[] Transformed(float[] row)
    {
        var features = new double[2];
        s_pipeline.Transform(new Row([row[0], row[1]], []), features, [], []);
        return [.. features.Select(value => (float)value)];
    }

    private static Tensor Numbers(string name, float[] values, int width) => new(name, TensorType.Fp32, new long[] { values.Length / width, width }, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static float[] Run(byte[] bytes, Tensor[] inputs, string output)
    {
        using var model = OnnxModel.Load(bytes);
        return model.Run(inputs, [output])[0].Values<float>();
    }
}
