using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>
/// Writes learned models as ONNX. The full model takes one input [N, 1] per raw column under its name (float32 for
/// numbers, NaN for missing; string for texts, "" for missing); the core model takes the transformed features
/// (<see cref="ExportNames"/>). Models of classes give <c>label</c> and <c>probabilities</c>, of a value <c>variable</c>.
/// Opset 17 (IR 8) and ai.onnx.ml 3; a pipeline that hashes or crosses texts needs opset 20 (IR 9) for StringConcat and
/// com.microsoft 1 for MurmurHash3 in its full model, and says <c>oml.portable=false</c>. Equal input gives equal bytes.
/// </summary>
public static class OnnxExporter
{
    private const long PortableOpset = 17;
    private const long PortableIr = 8;
    private const long StringOpset = 20;
    private const long StringIr = 9;

    /// <summary>Writes both models.</summary>
    /// <exception cref="ArgumentException">Pipeline and model do not fit each other, or a column has the name of an output.</exception>
    /// <exception cref="HeadException">The trunk cannot be written into the operator set of the export.</exception>
    public static ExportedModel Export(FittedPipeline pipeline, LearnerModel model, ExportOptions options)
    {
        var trunk = options.Trunk is { } bytes ? TrunkSplice.Of(bytes) : null;
        if (pipeline.DenseCount != (trunk?.InputWidth ?? model.DenseCount) || pipeline.HashBits != model.HashBits)
            throw new ArgumentException($"The pipeline yields {pipeline.DenseCount} dense features and {pipeline.HashBits} hash bits; the model has {trunk?.InputWidth ?? model.DenseCount} and {model.HashBits}.", nameof(model));
        if (options.ClassLabels.Length != 0 && options.ClassLabels.Length != model.Classes)
            throw new ArgumentException($"A model of {model.Classes} classes has as many class labels, not {options.ClassLabels.Length}.", nameof(options));
        CheckNames(pipeline, model.Classes);
        return new ExportedModel(Full(pipeline, model, options, trunk), Core(pipeline, model, options, trunk));
    }

    /// <summary>Writes the full model of one that another program has trained on the pipeline's features.</summary>
    /// <param name="pipeline">Which hashes nothing.</param>
    /// <param name="core">As <see cref="ForeignModel.ToCore"/> gives it.</param>
    /// <param name="classes">0: it answers a value.</param>
    /// <param name="options">Without a trunk.</param>
    /// <exception cref="ArgumentException">Pipeline and model do not fit each other, or a column has the name of an output.</exception>
    /// <exception cref="ModelLoadException">The graph cannot be written behind the pipeline; the message says why.</exception>
    public static byte[] ExportForeign(FittedPipeline pipeline, ReadOnlyMemory<byte> core, int classes, ExportOptions options)
    {
        CheckNames(pipeline, classes);
        var foreign = ForeignGraph.Of(core, pipeline.InputSchema.Columns.Select(column => column.Name));
        if (pipeline.HashedCount > 0 || pipeline.DenseCount != (foreign.FeatureCount ?? pipeline.DenseCount))
            throw new ArgumentException($"The pipeline yields {pipeline.DenseCount} dense and {pipeline.HashedCount} hashed features; the model takes {foreign.FeatureCount} dense ones.", nameof(core));
        var graph = new GraphWriter(options.ModelName);
        var (features, _, _) = PipelineGraph.Write(graph, pipeline);
        foreign.Write(graph, features!, classes, options);
        var (ir, opset) = Format(foreign.Opset, pipeline.Portable ? PortableIr : StringIr, pipeline.Portable ? PortableOpset : StringOpset);
        var full = graph.ToModel(ir, opset, Metadata("full", pipeline.PortabilityReason ?? foreign.PortabilityReason));
        return GraphChecker.Check(ModelProto.Parser.ParseFrom(full)) is [var problem, ..]
            ? throw new ModelLoadException(InspectCodes.UnsupportedType, $"The pipeline and the model together break the rules of ONNX: {problem}.")
            : full;
    }

    /// <summary>Whether models can be written with a trunk (<see cref="ExportOptions.Trunk"/>).</summary>
    /// <exception cref="HeadException">They cannot; the message says why.</exception>
    public static void CheckTrunk(ReadOnlyMemory<byte> trunk) => TrunkSplice.Of(trunk);

    private static byte[] Full(FittedPipeline pipeline, LearnerModel model, ExportOptions options, TrunkSplice? trunk)
    {
        var graph = new GraphWriter(options.ModelName);
        var (features, indices, values) = PipelineGraph.Write(graph, pipeline);
        AnswerGraph.Write(graph, model, options, new GraphInputs(trunk is null ? features : trunk.Write(graph, features!), indices, values));
        var (ir, opset) = Format(trunk?.Opset, pipeline.Portable ? PortableIr : StringIr, pipeline.Portable ? PortableOpset : StringOpset);
        return graph.ToModel(ir, opset, Metadata("full", pipeline.PortabilityReason ?? trunk?.PortabilityReason));
    }

    private static byte[] Core(FittedPipeline pipeline, LearnerModel model, ExportOptions options, TrunkSplice? trunk)
    {
        var graph = new GraphWriter(options.ModelName);
        var features = graph.FloatInput(ExportNames.Features, pipeline.DenseCount);
        var indices = pipeline.HashedCount > 0 ? graph.Input(ExportNames.HashedIndices, DataType.Int64, pipeline.HashedCount) : null;
        var values = pipeline.HashedCount > 0 ? graph.FloatInput(ExportNames.HashedValues, pipeline.HashedCount) : null;
        AnswerGraph.Write(graph, model, options, new GraphInputs(trunk is not null ? trunk.Write(graph, features) : pipeline.DenseCount > 0 ? features : null, indices, values));
        var (ir, opset) = Format(trunk?.Opset, PortableIr, PortableOpset);
        return graph.ToModel(ir, opset, Metadata("core", trunk?.PortabilityReason));
    }

    private static void CheckNames(FittedPipeline pipeline, int classes)
    {
        string[] outputs = classes > 0 ? [ExportNames.Label, ExportNames.Probabilities] : [ExportNames.Variable];
        if (pipeline.InputSchema.Columns.FirstOrDefault(column => outputs.Contains(column.Name)) is { } taken)
            throw new ArgumentException($"Column '{taken.Name}' has the name of an output of the model; rename the feature or the input.", nameof(pipeline));
    }

    /// <summary>What is not written here may need a newer operator set than what is written around it.</summary>
    private static (long Ir, long Opset) Format(long? foreign, long ir, long opset)
        => foreign is not { } needed || needed <= opset ? (ir, opset) : (Math.Max(ir, needed > StringOpset ? StringIr + 1 : StringIr), needed);

    private static IEnumerable<KeyValuePair<string, string>> Metadata(string part, string? reason)
    {
        yield return new(ExportNames.PartMetadata, part);
        yield return new(ExportNames.PortableMetadata, reason is null ? "true" : "false");
        if (reason is not null)
            yield return new(ExportNames.PortabilityReasonMetadata, reason);
    }
}
