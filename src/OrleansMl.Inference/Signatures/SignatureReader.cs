using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>Reads what a graph takes and gives, and refuses what the protocol cannot carry.</summary>
internal sealed class SignatureReader
{
    private readonly GraphProto _graph;
    private readonly ImmutableArray<TensorSpec>.Builder _inputs = ImmutableArray.CreateBuilder<TensorSpec>();
    private readonly ImmutableArray<TensorSpec>.Builder _outputs = ImmutableArray.CreateBuilder<TensorSpec>();
    private readonly ImmutableSortedDictionary<string, string>.Builder _others = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
    private readonly ImmutableSortedDictionary<string, OutputPart>.Builder _parts = ImmutableSortedDictionary.CreateBuilder<string, OutputPart>(StringComparer.Ordinal);

    private readonly HashSet<string> _outputNames;
    private readonly ZipMaps _zipMaps;

    private SignatureReader(GraphProto graph) =>
        (_graph, _outputNames, _zipMaps) = (graph, graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal), new ZipMaps(graph));

    /// <summary>The signature; null with the refusal.</summary>
    public static ModelSignature? Read(GraphProto graph, out InspectResult? refusal)
    {
        var reader = new SignatureReader(graph);
        refusal = reader.ReadInputs() ?? reader.ReadOutputs() ?? reader.FindDuplicate();
        return refusal is not null ? null : new ModelSignature(reader._inputs.ToImmutable(), reader._outputs.ToImmutable(), reader._others.ToImmutable())
        {
            Parts = reader._parts.ToImmutable(),
        };
    }

    private InspectResult? ReadInputs()
    {
        // Before format version 4 every initializer is listed among the inputs too; callers need not send those.
        var defaults = _graph.Initializer.Select(t => t.Name)
            .Concat(_graph.SparseInitializer.Select(t => t.Values?.Name ?? ""))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var input in _graph.Input)
        {
            if (defaults.Contains(input.Name))
                continue;
            if (!TryReadTensor(input, out var spec))
                return InspectResult.Refused(InspectCodes.UnsupportedType, $"Input '{input.Name}' is {OnnxTypes.Describe(input.Type)}; only tensors of the protocol's types can be sent.");
            _inputs.Add(spec);
        }

        return null;
    }

    private InspectResult? ReadOutputs()
    {
        foreach (var output in _graph.Output)
        {
            if (TryReadTensor(output, out var spec))
                _outputs.Add(spec);
            else
                TakeApart(output);
        }

        if (_outputs.Count > 0)
            return null;
        var (name, found) = _others.First();
        return InspectResult.Refused(InspectCodes.UnsupportedType, $"No output can be sent back: '{name}' is {found}. Export the model with tensor outputs.");
    }

    private void TakeApart(ValueInfoProto output)
    {
        var labels = _zipMaps.FindLabels(output);
        var elements = output.Type?.SequenceType?.ElemType?.TensorType is { } tensors ? OnnxTypes.ToTensorType(tensors.ElemType) : null;
        var second = output.Name + (labels is not null ? OutputPart.KeysSuffix : OutputPart.ShapesSuffix);
        if (labels is null && elements is null)
        {
            _others[output.Name] = OnnxTypes.Describe(output.Type);
        }
        else if (_outputNames.Contains(second))
        {
            _others[output.Name] = $"{OnnxTypes.Describe(output.Type)}, whose parts would be called '{output.Name}' and '{second}', and there is another output '{second}'";
        }
        else if (labels is not null)
        {
            Add(new TensorSpec(output.Name, TensorType.Fp32, [-1, labels.Shape.Span[0]]), new OutputPart(output.Name, OutputPartKind.MapValues, labels));
            Add(new TensorSpec(second, labels.Type, [-1, labels.Shape.Span[0]]), new OutputPart(output.Name, OutputPartKind.MapKeys, labels));
        }
        else
        {
            Add(new TensorSpec(output.Name, elements!.Value, [-1]), new OutputPart(output.Name, OutputPartKind.SequenceElements));
            Add(new TensorSpec(second, TensorType.Int64, [-1, -1]), new OutputPart(output.Name, OutputPartKind.SequenceShapes));
        }
    }

    private void Add(TensorSpec spec, OutputPart part)
    {
        _outputs.Add(spec);
        _parts[spec.Name] = part;
    }

    private InspectResult? FindDuplicate()
    {
        var duplicate = _inputs.Select(s => s.Name).GroupBy(n => n, StringComparer.Ordinal)
            .Concat(_graph.Output.Select(o => o.Name).GroupBy(n => n, StringComparer.Ordinal))
            .FirstOrDefault(g => g.Count() > 1);
        return duplicate is null ? null : InspectResult.Refused(InspectCodes.NotOnnx, $"The bytes are no valid ONNX model: '{duplicate.Key}' is listed twice among the inputs or outputs.");
    }

    private static bool TryReadTensor(ValueInfoProto value, [NotNullWhen(true)] out TensorSpec? spec)
    {
        spec = null;
        if (value.Type?.ValueCase != TypeProto.ValueOneofCase.TensorType || OnnxTypes.ToTensorType(value.Type.TensorType.ElemType) is not { } type)
            return false;

        // A negative size is what some writers put for a free dimension.
        spec = value.Type.TensorType.Shape is { } shape
            ? new TensorSpec(value.Name, type, [.. shape.Dim.Select(d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && d.DimValue >= 0 ? d.DimValue : -1)])
            : new TensorSpec(value.Name, type, [], HasShape: false);
        return true;
    }
}
