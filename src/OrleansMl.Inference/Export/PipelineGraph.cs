using System.Collections.Immutable;
using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>
/// Writes a fitted pipeline. All standing numbers are one double matrix [N, M], NaN for missing: float32 loses the
/// digits of (x − mean) when the mean is large. Standing texts are string columns [N, 1], "" for missing.
/// </summary>
internal sealed class PipelineGraph
{
    private readonly GraphWriter _graph;
    private readonly FittedPipeline _pipeline;
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, string Text)> _hashed = [];
    private ImmutableArray<StandingColumn> _standing;
    private ImmutableArray<string> _columns;
    private string? _matrix;

    private PipelineGraph(GraphWriter graph, FittedPipeline pipeline)
    {
        (_graph, _pipeline) = (graph, pipeline);
        _standing = [.. pipeline.InputSchema.Columns.Select(column => new StandingColumn(column.Name, column.Kind == ColumnKind.Numeric ? StandingKind.Numeric : StandingKind.Categorical))];
        _columns = Numbers(_standing);
    }

    /// <summary>Adds the inputs and the stages; gives the core's inputs, null where there are none.</summary>
    public static (string? Features, string? Indices, string? Values) Write(GraphWriter graph, FittedPipeline pipeline)
    {
        var writer = new PipelineGraph(graph, pipeline);
        writer.WriteInputs();
        foreach (var stage in pipeline.Stages)
            writer.Write(stage);
        var (indices, values) = writer.WriteHashed();
        return (writer.WriteFeatures(), indices, values);
    }

    private int Place(string column) => _columns.IndexOf(column);

    private static ImmutableArray<string> Numbers(ImmutableArray<StandingColumn> standing) => [.. standing.Where(column => column.IsNumber).Select(column => column.Name)];

    private void WriteInputs()
    {
        var numbers = new List<string>();
        foreach (var (name, kind) in _pipeline.InputSchema.Columns)
        {
            if (kind == ColumnKind.Numeric)
                numbers.Add(_graph.FloatInput(name, 1));
            else
                _texts[name] = _graph.Input(name, DataType.String, 1);
        }

        if (numbers.Count == 0)
            return;
        var raw = _graph.Cast(_graph.Concat(numbers), DataType.Double);
        _matrix = _graph.Node("Where", _graph.IsFinite(raw, DataType.Double), raw, _graph.Double(double.NaN));
    }

    private void Write(FittedStage stage)
    {
        var after = stage.Apply(_standing);
        switch (stage)
        {
            case ImputeStage impute:
                WriteImpute(impute);
                break;
            case ScaleStage { Scales.IsEmpty: false } scale:
                WriteScale(scale);
                break;
            case LogStage { Floors.IsEmpty: false } log:
                WriteLog(log);
                break;
            case ClipStage { Columns.IsEmpty: false } clip:
                var low = Row(double.NegativeInfinity, clip.Columns.Select(column => (column, clip.Min ?? double.NegativeInfinity)));
                var high = Row(double.PositiveInfinity, clip.Columns.Select(column => (column, clip.Max ?? double.PositiveInfinity)));
                _matrix = _graph.Node("Where", _graph.Node("Less", _matrix!, low), low, _matrix!);
                _matrix = _graph.Node("Where", _graph.Node("Greater", _matrix, high), high, _matrix);
                break;
            case OneHotStage oneHot:
                WriteReplaced(oneHot.Categories, Indicators, categories => categories.IndicatorNames(), Numbers(after));
                break;
            case OrdinalStage ordinal:
                WriteReplaced(ordinal.Categories, Codes, categories => [categories.Column], Numbers(after));
                break;
            case CrossStage { IsText: true } cross:
                _texts[cross.Output] = WriteTextCross(cross);
                break;
            case CrossStage cross:
                var product = cross.Columns.Select(column => _graph.Columns(_matrix!, [Place(column)])).Aggregate((left, right) => _graph.Node("Mul", left, right));
                _matrix = _graph.Concat([_matrix!, product]);
                break;
            case HashStage hash:
                foreach (var column in hash.Columns)
                    _hashed.Add((column + "=", AsText(column)));
                KeepColumns(Numbers(after));
                break;
            case KMeansStage kmeans:
                _matrix = _graph.Concat([_matrix!, MultivariateGraph.Distances(_graph, Selected(kmeans.Columns), kmeans)]);
                break;
            case PcaStage pca:
                WriteComponents(pca, Numbers(after));
                break;
            case ScaleStage or LogStage or ClipStage:
                break;
            default:
                throw new NotSupportedException($"A stage of type {stage.GetType().Name} cannot be exported.");
        }

        _standing = after;
        _columns = Numbers(after);
    }

    /// <summary>[1, M]: a value for some columns, another for the rest.</summary>
    private string Row(double rest, IEnumerable<(string Column, double Value)> values)
    {
        var row = Enumerable.Repeat(rest, _columns.Length).ToArray();
        foreach (var (column, value) in values)
            row[Place(column)] = value;
        return _graph.DoubleRow(row);
    }

    private void WriteImpute(ImputeStage impute)
    {
        if (!impute.Numbers.IsEmpty)
            _matrix = _graph.Node("Where", _graph.Node("IsNaN", _matrix!), Row(double.NaN, impute.Numbers.Select(fill => (fill.Column, fill.Value))), _matrix!);
        foreach (var (column, value) in impute.Texts)
            _texts[column] = _graph.Node("Where", IsMissing(_texts[column]), _graph.Text(value), _texts[column]);
    }

    private void WriteScale(ScaleStage scale)
    {
        var difference = _graph.Node("Sub", _matrix!, Row(0, scale.Scales.Select(column => (column.Column, column.Center))));
        if (scale.Scales.Any(column => column.Tolerance > 0))
        {
            // −1 is never reached: columns without a tolerance stay as they are.
            var tolerance = Row(-1, scale.Scales.Where(column => column.Tolerance > 0).Select(column => (column.Column, column.Tolerance)));
            difference = _graph.Node("Where", _graph.Node("LessOrEqual", _graph.Node("Abs", difference), tolerance), _graph.Double(0), difference);
        }

        _matrix = _graph.Node("Div", difference, Row(1, scale.Scales.Select(column => (column.Column, column.Scale))));
    }

    private void WriteLog(LogStage log)
    {
        var floor = Row(0, log.Floors.Select(floor => (floor.Column, floor.Value)));
        var shifted = _graph.Node("Add", _matrix!, _graph.Double(log.Offset));
        var logarithm = _graph.Node("Log", _graph.Node("Where", _graph.Node("Less", shifted, floor), floor, shifted));
        var selected = _graph.BoolRow([.. _columns.Select(column => log.Floors.Any(floor => floor.Column == column))]);
        _matrix = _graph.Node("Where", selected, logarithm, _matrix!);
    }

    /// <summary>Puts blocks of columns in the place of those that they are made of.</summary>
    private void WriteReplaced(ImmutableArray<CategoriesOf> replaced, Func<CategoriesOf, string> block, Func<CategoriesOf, IEnumerable<string>> made, ImmutableArray<string> after)
    {
        var blocks = new List<string>();
        var names = new List<string>();
        if (_matrix is not null)
        {
            blocks.Add(_matrix);
            names.AddRange(_columns);
        }

        foreach (var categories in replaced)
        {
            // A replaced column keeps its place in the list, but not its name, which what is made of it could bear.
            if (Place(categories.Column) is >= 0 and var place)
                names[place] = "";
            names.AddRange(made(categories));
            blocks.Add(block(categories));
        }

        _matrix = _graph.Concat(blocks);
        if (!names.SequenceEqual(after))
            _matrix = _graph.Columns(_matrix, after.Select(name => names.IndexOf(name)));
    }

    /// <summary>double [N, 1], NaN for missing.</summary>
    private string Codes(CategoriesOf categories)
    {
        var source = categories.Numbers.IsEmpty ? _texts[categories.Column] : _graph.Cast(_graph.Columns(_matrix!, [Place(categories.Column)]), DataType.Float);
        var keys = categories.Numbers.IsEmpty
            ? GraphWriter.Attribute("keys_strings", categories.Texts)
            : GraphWriter.Attribute("keys_floats", categories.Numbers.Select(number => (float)number));
        var codes = GraphWriter.Attribute("values_floats", Enumerable.Range(0, categories.Count).Select(code => (float)code));
        return _graph.Cast(_graph.Node("LabelEncoder", GraphWriter.MlDomain, [keys, codes, GraphWriter.Attribute("default_float", float.NaN)], source), DataType.Double);
    }

    private string Indicators(CategoriesOf categories) => categories.Numbers.IsEmpty ? TextIndicators(categories) : NumberIndicators(categories);

    private string NumberIndicators(CategoriesOf categories)
    {
        var number = _graph.Cast(_graph.Columns(_matrix!, [Place(categories.Column)]), DataType.Float);
        return _graph.Cast(_graph.Node("Equal", number, _graph.FloatRow([.. categories.Numbers.Select(category => (float)category)])), DataType.Double);
    }

    private string TextIndicators(CategoriesOf categories)
    {
        var indicators = _graph.Node("OneHotEncoder", GraphWriter.MlDomain, [GraphWriter.Attribute("cats_strings", categories.Texts), GraphWriter.Attribute("zeros", 1)], _texts[categories.Column]);
        return _graph.Cast(_graph.Node("Squeeze", indicators, _graph.Longs(1)), DataType.Double);
    }

    /// <summary>[N, M]: some columns.</summary>
    private string Selected(ImmutableArray<string> columns) => _graph.Columns(_matrix!, columns.Select(Place));

    private void WriteComponents(PcaStage pca, ImmutableArray<string> after)
    {
        var components = MultivariateGraph.Components(_graph, Selected(pca.Columns), pca.Components);
        var rest = after[..^pca.Components.Count];
        _matrix = rest.IsEmpty ? components : _graph.Concat([Selected(rest), components]);
    }

    private string WriteTextCross(CrossStage cross)
    {
        var parts = cross.Columns.Select(AsText).ToArray();
        var joined = parts.Aggregate((left, right) => _graph.Node("StringConcat", _graph.Node("StringConcat", left, _graph.Text(CrossStage.Separator)), right));
        var missing = parts.Select(IsMissing).Aggregate((left, right) => _graph.Node("Or", left, right));
        return _graph.Node("Where", missing, _graph.Text(""), joined);
    }

    /// <summary>A column as texts [N, 1]; numbers as Cast writes a float32.</summary>
    private string AsText(string column)
    {
        if (_texts.TryGetValue(column, out var text) && Place(column) < 0)
            return text;
        var number = _graph.Cast(_graph.Columns(_matrix!, [Place(column)]), DataType.Float);
        return _graph.Node("Where", _graph.IsFinite(number, DataType.Float), _graph.Cast(number, DataType.String), _graph.Text(""));
    }

    /// <summary>True where a text is "". Equal takes strings from opset 19 only; LabelEncoder always did.</summary>
    private string IsMissing(string text) => _graph.Cast(
        _graph.Node("LabelEncoder", GraphWriter.MlDomain, [GraphWriter.Attribute("keys_strings", [""]), GraphWriter.Attribute("values_floats", [1f]), GraphWriter.Attribute("default_float", 0f)], text),
        DataType.Bool);

    private void KeepColumns(ImmutableArray<string> after)
    {
        if (after.IsEmpty)
            _matrix = null;
        else if (after.Length < _columns.Length)
            _matrix = _graph.Columns(_matrix!, after.Select(Place));
    }

    private string? WriteFeatures()
    {
        if (_matrix is null || _columns.IsEmpty)
            return null;
        var present = _graph.Node("Where", _graph.IsFinite(_matrix, DataType.Double), _matrix, _graph.Double(_pipeline.KeepsMissing ? double.NaN : 0));
        return _graph.Cast(present, DataType.Float);
    }

    private (string? Indices, string? Values) WriteHashed()
    {
        if (_hashed.Count == 0)
            return (null, null);
        var texts = _graph.Concat([.. _hashed.Select(hashed => hashed.Text)]);
        var keys = _graph.Node("StringConcat", _graph.TextRow([.. _hashed.Select(hashed => hashed.Prefix)]), texts);
        var hash = _graph.Node("MurmurHash3", GraphWriter.MicrosoftDomain, [GraphWriter.Attribute("positive", 1), GraphWriter.Attribute("seed", 0)], keys);
        var indices = _graph.Node("Mod", _graph.Cast(hash, DataType.Int64), _graph.Long(1L << _pipeline.HashBits));
        var values = _graph.Cast(_graph.Node("Not", IsMissing(texts)), DataType.Float);
        return (indices, values);
    }
}
