using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Heads;

/// <summary>A learned version over a network: pipeline, trunk and head in one graph.</summary>
public sealed class TrunkExportTests
{
    [Theory]
    [InlineData("gemm")]
    [InlineData("fixed row")]
    [InlineData("old format")]
    [InlineData("convolution")]
    [InlineData("one logit")]
    [InlineData("a value")]
    public void Columns_go_through_pipeline_trunk_and_head(string form)
    {
        var head = HeadFinder.Find(NetworkForms.All[form]());
        using var trunk = TrunkModel.Load(head);
        var schema = new RowSchema(Enumerable.Range(0, 8).Select(i => new Column($"c{i}", ColumnKind.Numeric)));
        var random = new Random(3);
        Row[] rows = [.. Enumerable.Range(0, 20).Select(_ => new Row([.. Enumerable.Range(0, 8).Select(_ => Math.Round(random.NextDouble(), 3))], []))];
        var pipeline = FittedPipeline.Fit(new PipelineSpec(new StandardScaleSpec(ColumnSelector.Numeric)), schema, rows);
        var export = OnnxExporter.Export(pipeline, head.Start, new ExportOptions { ModelName = "m", Trunk = trunk.Bytes });
        Assert.Empty(GraphChecker.Check(ModelProto.Parser.ParseFrom(export.Full)));
        Assert.Empty(GraphChecker.Check(ModelProto.Parser.ParseFrom(export.Core)));

        using var full = OnnxModel.Load(export.Full);
        using var core = CoreModel.Load(export.Core);
        var transformed = new TransformedRow(pipeline);
        var expected = new double[Math.Max(1, head.Start.Classes)];
        var (embedding, answer) = (new float[trunk.EmbeddingWidth], new float[expected.Length]);
        foreach (var row in rows)
        {
            float[] features = [.. transformed.Fill(row).Dense.ToArray().Select(value => (float)value)];
            trunk.Embed(1, features, embedding);
            head.Start.Predict(embedding.Select(value => (double)value).ToArray(), expected);
            core.ScoreRows(1, features, [], [], answer);
            var served = full.Run([.. schema.Columns.Select((column, i) => Vectors.Of(column.Name, TensorType.Fp32, [1, 1], (float)row.Numeric[i]))], [head.Start.Classes == 0 ? ExportNames.Variable : ExportNames.Probabilities])[0].Numbers();
            for (var c = 0; c < expected.Length; c++)
            {
                Assert.Equal(expected[c], answer[c], 1e-5);
                Assert.Equal(expected[c], served[c], 1e-5);
            }
        }
    }

    [SkippableTheory]
    [InlineData("onnx-mnist/mnist.onnx")]
    [InlineData("onnx-mnist/cnn_mnist_pytorch.onnx")]
    public void Networks_of_old_operator_sets_are_written_into_the_newer_one(string file)
    {
        using var trunk = TrunkModel.Load(HeadFinder.Find(TestData.Read(file)));
        OnnxExporter.CheckTrunk(trunk.Bytes);
    }

    [Fact]
    public void An_operator_that_means_something_else_now_is_refused()
    {
        var network = ModelProto.Parser.ParseFrom(NetworkForms.All["gemm"]());
        network.OpsetImport[0].Version = 9;
        network.Graph.Node.First(node => node.OpType == "Relu").OpType = "Softmax";
        using var trunk = TrunkModel.Load(HeadFinder.Find(network.Bytes()));
        var exception = Assert.Throws<HeadException>(() => OnnxExporter.CheckTrunk(trunk.Bytes));
        Assert.Contains("Softmax means something else", exception.Message, StringComparison.Ordinal);
    }
}
