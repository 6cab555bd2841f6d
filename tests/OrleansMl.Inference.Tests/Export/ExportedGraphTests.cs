using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>What an exported file says about itself.</summary>
public sealed class ExportedGraphTests
{
    [Fact]
    public void A_portable_pipeline_uses_standard_operators_of_opset_17_only()
    {
        var exported = new ExportCase(1, ["x", "t"], new(new ImputeSpec(ColumnSelector.All, ImputeStrategy.MostFrequent), new OneHotSpec(ColumnSelector.Of("t")), new StandardScaleSpec(ColumnSelector.Numeric))).Model;
        var full = ModelProto.Parser.ParseFrom(exported.Full);
        Assert.Equal((8, "OrleansMl"), (full.IrVersion, full.ProducerName));
        Assert.Equal([("", 17L), ("ai.onnx.ml", 3L)], full.OpsetImport.Select(import => (import.Domain, import.Version)));
        Assert.Equal("true", Metadata(full, ExportNames.PortableMetadata));
        Assert.Equal("full", Metadata(full, ExportNames.PartMetadata));
        Assert.Equal(["x", "t"], full.Graph.Input.Select(input => input.Name));
        Assert.Equal([ExportNames.Label, ExportNames.Probabilities], full.Graph.Output.Select(output => output.Name));
        var core = ModelProto.Parser.ParseFrom(exported.Core);
        Assert.Equal([("", 17L)], core.OpsetImport.Select(import => (import.Domain, import.Version)));
        Assert.Equal([ExportNames.Features], core.Graph.Input.Select(input => input.Name));
        Assert.Equal("core", Metadata(core, ExportNames.PartMetadata));
    }

    [Fact]
    public void A_hashing_pipeline_says_that_it_is_not_portable_but_its_core_is()
    {
        var exported = new ExportCase(1, ["x", "t"], new(new HashSpec(ColumnSelector.Of("t"), 6))).Model;
        var full = ModelProto.Parser.ParseFrom(exported.Full);
        Assert.Equal("false", Metadata(full, ExportNames.PortableMetadata));
        Assert.Contains("MurmurHash3", Metadata(full, ExportNames.PortabilityReasonMetadata), StringComparison.Ordinal);
        Assert.Contains(full.OpsetImport, import => import.Domain == "com.microsoft");
        var core = ModelProto.Parser.ParseFrom(exported.Core);
        Assert.Equal("true", Metadata(core, ExportNames.PortableMetadata));
        Assert.Equal([ExportNames.Features, ExportNames.HashedIndices, ExportNames.HashedValues], core.Graph.Input.Select(input => input.Name));
    }

    [Fact]
    public void Exporting_twice_gives_equal_bytes()
    {
        var once = new ExportCase(9, ["x", "t"], new(new HashSpec(ColumnSelector.Of("t"), 6)));
        var again = new ExportCase(9, ["x", "t"], new(new HashSpec(ColumnSelector.Of("t"), 6)));
        Assert.Equal(once.Model.Full, again.Model.Full);
        Assert.Equal(once.Model.Core, again.Model.Core);
    }

    [Fact]
    public void A_column_named_as_an_output_is_refused()
    {
        var schema = new RowSchema([new Column("label", ColumnKind.Numeric)]);
        var pipeline = FittedPipeline.Fit(new PipelineSpec(), schema, [new Row([1], [])]);
        var learner = (ILinearLearner)LearnerFactory.Create("logistic_regression", null, 1, 0, 1);
        var refusal = Assert.Throws<ArgumentException>(() => OnnxExporter.Export(pipeline, learner.Snapshot(), new ExportOptions { ModelName = "m" }));
        Assert.Contains("'label'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_another_width_is_refused()
    {
        var schema = new RowSchema([new Column("x", ColumnKind.Numeric)]);
        var pipeline = FittedPipeline.Fit(new PipelineSpec(), schema, [new Row([1], [])]);
        var learner = (ILinearLearner)LearnerFactory.Create("logistic_regression", null, 2, 0, 1);
        Assert.Throws<ArgumentException>(() => OnnxExporter.Export(pipeline, learner.Snapshot(), new ExportOptions { ModelName = "m" }));
    }

    private static string? Metadata(ModelProto model, string key) => model.MetadataProps.SingleOrDefault(entry => entry.Key == key)?.Value;
}
