using System.Globalization;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes a model that another program has trained into the graph of a full model, behind its pipeline.</summary>
internal sealed class ForeignGraph
{
    private readonly ModelProto _model;
    private readonly ModelSignature _signature;
    private readonly string _prefix;

    private ForeignGraph(ModelProto model, ModelSignature signature, string prefix)
    {
        (_model, _signature, _prefix) = (model, signature, prefix);
        Opset = OperatorSets.Of(model);
        FeatureCount = signature.FindInput(ExportNames.Features)!.Shape is [_, > 0 and var width] ? width : null;
        PortabilityReason = OperatorSets.WhyNotPortable(model, "model");
        GraphNames.Rename(model.Graph, name => prefix + name);
    }

    /// <summary>The standard operator set that its nodes need.</summary>
    public long Opset { get; }

    /// <summary>F; null: the file does not say.</summary>
    public long? FeatureCount { get; }

    /// <summary>Why only some runtimes run it; null: all do.</summary>
    public string? PortabilityReason { get; }

    /// <param name="core">As <see cref="ForeignModel.ToCore"/> gives it.</param>
    /// <param name="columns">Names that its own must be apart from, besides those that are written here.</param>
    /// <exception cref="ModelLoadException">It is no core graph, or its operators mean something else in the set that is written.</exception>
    public static ForeignGraph Of(ReadOnlyMemory<byte> core, IEnumerable<string> columns)
    {
        var inspected = OnnxModelFile.Inspect(core);
        if (!inspected.IsAccepted)
            throw new ModelLoadException(inspected.Code, inspected.Detail);
        var signature = inspected.File.Signature;
        var model = ModelProto.Parser.ParseFrom(core.Span);
        ZipMaps.Unzip(model, signature.Parts.Values.Where(part => part.Kind == OutputPartKind.MapValues).Select(part => part.Source).ToHashSet(StringComparer.Ordinal));
        if (OperatorSets.Fit(model, "model") is { } why)
            throw new ModelLoadException(InspectCodes.UnsupportedType, why);
        return signature.FindInput(ExportNames.Features) is null
            ? throw new ModelLoadException(InspectCodes.UnsupportedType, $"The model has no input '{ExportNames.Features}'; it is no core graph.")
            : new ForeignGraph(model, signature, Prefix([.. columns]));
    }

    /// <summary>Writes nodes and outputs; once for a graph. A label that is the number of a class becomes its name, as those of our own models are.</summary>
    /// <param name="graph">Has the pipeline.</param>
    /// <param name="features">float32 [N, F].</param>
    /// <param name="classes">0: a value.</param>
    /// <param name="options">Names of the classes.</param>
    /// <exception cref="ModelLoadException">An output is missing.</exception>
    public void Write(GraphWriter graph, string features, int classes, ExportOptions options)
    {
        graph.Append(_model, name => name == _prefix + ExportNames.Features ? features : name);
        if (classes == 0)
        {
            graph.Output(ExportNames.Variable, DataType.Float, 1, Value(ExportNames.Variable, TensorType.Fp32));
            return;
        }

        var probabilities = Value(ExportNames.Probabilities, TensorType.Fp32);
        if (_signature.FindOutput(ExportNames.Label)?.Type == TensorType.Bytes)
            graph.Output(ExportNames.Label, DataType.String, null, Value(ExportNames.Label, TensorType.Bytes));
        else
            AnswerGraph.WriteLabel(graph, Value(ExportNames.Label, TensorType.Int64), options);
        graph.Output(ExportNames.Probabilities, DataType.Float, classes, probabilities);
    }

    private static string Prefix(string[] columns)
    {
        var prefix = "model/";
        for (var i = 2; columns.Any(column => column.StartsWith(prefix, StringComparison.Ordinal)); i++)
            prefix = string.Create(CultureInfo.InvariantCulture, $"model{i}/");
        return prefix;
    }

    private string Value(string output, TensorType type) => _signature.FindOutput(output)?.Type == type
        ? _prefix + output
        : throw new ModelLoadException(InspectCodes.UnsupportedType, $"The model has no output '{output}' {type.ToProtocolName()} (it has {string.Join(", ", _signature.Outputs.Select(one => $"'{one.Name}' {one.Type.ToProtocolName()}"))}).");
}
