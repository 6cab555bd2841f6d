using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>
/// Reads a model's <c>pipeline</c> and follows the columns through it: each stage is checked against the columns as
/// they stand when its turn comes.
/// </summary>
internal sealed partial class PipelineReader
{
    private static readonly string[] Groups = ["all", "numeric", "categorical"];

    private readonly VectorReader _vector;
    private int? _hashBits;

    private PipelineReader(VectorReader vector) => _vector = vector;

    private enum Wants
    {
        Any,
        Numbers,
    }

    public static ImmutableArray<PipelineStageDefinition> Read(NodeReader list, VectorReader vector)
    {
        var reader = new PipelineReader(vector);
        var stages = ImmutableArray.CreateBuilder<PipelineStageDefinition>();
        foreach (var item in list.Items("stages", Limits.Stages))
        {
            if (item.Map(Shapes.Stage) is not { } map || map.OneOf("what the stage does", [.. Shapes.Stage.Names]) is not { } name)
                continue;
            stages.Add(reader.Stage(name, map[name]!.Value));
        }

        return stages.DrainToImmutable();
    }

    private PipelineStageDefinition Stage(string name, NodeReader node)
    {
        var shape = Shapes.All.First(shape => shape.Name == name);
        var stage = new PipelineStageDefinition(name);
        if (node.Map(shape) is not { } map)
            return stage;
        return name switch
        {
            "impute" => Impute(map, stage),
            "one_hot" => OneHot(map, stage),
            "ordinal" => Ordinal(map, stage),
            "log" => Numeric(map, stage) with { Offset = map["offset"]?.Number(0) ?? 1 },
            "clip" => Clip(map, stage),
            "cross" => Cross(map, stage),
            "hash" => Hash(map, stage),
            "kmeans" => KMeans(map, stage),
            "pca" => Pca(map, stage),
            _ => Numeric(map, stage),
        };
    }

    private PipelineStageDefinition Numeric(MapReader map, PipelineStageDefinition stage)
    {
        var (names, _) = Select(map, stage.Name, Wants.Numbers);
        return stage with { Columns = names };
    }

    private PipelineStageDefinition Impute(MapReader map, PipelineStageDefinition stage)
    {
        var strategy = map["strategy"] is { } word ? word.Word(Shapes.Strategies) : "mean";
        var (names, selected) = Select(map, "impute", strategy is "mean" or "median" ? Wants.Numbers : Wants.Any, strategy);
        object? value = null;
        if (map["value"] is { } constant)
        {
            if (strategy is not (null or "constant"))
                map.Key("value").Fault("conflict", $"'value' belongs to strategy: constant, not {strategy}; remove it or change the strategy.");
            else
                value = Constant(constant, selected);
        }
        else if (strategy == "constant")
        {
            map.Node.Fault("missing_key", "Strategy constant needs the key 'value': what stands in for a missing value.");
        }

        var filled = NamesOf(selected);
        _vector.Standing = [.. _vector.Standing.Select(column => filled.Contains(column.Name) ? column with { MayBeMissing = false } : column)];
        return stage with { Columns = names, Strategy = strategy, Value = value };
    }

    private static object? Constant(NodeReader node, ImmutableArray<VectorColumn> selected)
    {
        var texts = selected.FirstOrDefault(column => column.IsCategorical);
        var numbers = selected.FirstOrDefault(column => !column.IsCategorical);
        if (texts is not null && numbers is not null)
        {
            node.Fault("conflict", $"One value cannot stand in for numbers ('{numbers.Name}') and texts ('{texts.Name}'); use one impute stage for each.");
            return null;
        }

        if (texts is not null)
            return node.Line("the value of a text", Limits.Text);
        return numbers is not null || node.NumberIfAny() is not null ? node.Number() : node.Line("a value", Limits.Text);
    }

    private PipelineStageDefinition OneHot(MapReader map, PipelineStageDefinition stage)
    {
        var (names, selected) = Select(map, "one_hot", Wants.Any);
        var categories = CategoryListReader.Read(map, "one_hot", selected);
        Encode(map, NamesOf(selected), categories);
        return stage with { Columns = names, Categories = categories };
    }

    /// <summary>Codes stand under the name of their column.</summary>
    private PipelineStageDefinition Ordinal(MapReader map, PipelineStageDefinition stage)
    {
        var (names, selected) = Select(map, "ordinal", Wants.Any);
        var categories = CategoryListReader.Read(map, "ordinal", selected);
        var replaced = NamesOf(selected);
        _vector.Standing = [.. _vector.Standing.Select(column => replaced.Contains(column.Name) ? new VectorColumn(column.Name, FieldType.Int, IsInput: false, MayBeMissing: true, IsIndicator: true) : column)];
        return stage with { Columns = names, Categories = categories };
    }

    /// <summary>Indicators stand where their column stood; unknown categories stand as one.</summary>
    private void Encode(MapReader map, HashSet<string> replaced, IReadOnlyCollection<object> categories)
    {
        var made = ImmutableArray.CreateBuilder<VectorColumn>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        string[] values = categories.Count == 0 ? ["…"] : [.. categories.Select(category => Convert.ToString(category, CultureInfo.InvariantCulture)!)];
        foreach (var column in _vector.Standing)
        {
            IEnumerable<VectorColumn> stands = replaced.Contains(column.Name)
                ? values.Select(value => new VectorColumn($"{column.Name}={value}", FieldType.Int, IsInput: false, MayBeMissing: false, IsIndicator: true))
                : [column];
            foreach (var one in stands)
            {
                if (made.Count >= Limits.Columns)
                {
                    map.Node.Fault("too_many", $"one_hot makes more than {Limits.Columns} columns; use hash for so many categories.");
                    return;
                }

                if (names.Add(one.Name))
                    made.Add(one);
                else
                    map.Node.Fault("duplicate_column", $"one_hot makes the column '{Excerpt.Of(one.Name)}' twice; choose categories that differ as texts.");
            }
        }

        _vector.Standing = made.DrainToImmutable();
    }

    private PipelineStageDefinition Clip(MapReader map, PipelineStageDefinition stage)
    {
        var min = map["min"]?.Number();
        var max = map["max"]?.Number();
        if (!map.Has("min") && !map.Has("max"))
            map.Node.Fault("missing_key", "clip needs 'min', 'max' or both.");
        if (min >= max)
            map["max"]!.Value.Fault("out_of_range", $"min {map["min"]!.Value.Said()} is not below max {map["max"]!.Value.Said()}; swap them.");
        return Numeric(map, stage) with { Min = min, Max = max };
    }

    private PipelineStageDefinition Cross(MapReader map, PipelineStageDefinition stage)
    {
        var (names, selected) = Select(map, "cross", Wants.Any);
        if (map["columns"] is { IsSequence: true } list && names.Length == 1)
            list.Fault("invalid_value", "cross needs two or more columns.");
        else if (map["columns"] is { IsSequence: false } group && names.Length == 1)
            group.Fault("invalid_value", "cross needs its columns by name, two or more: write [a, b].");
        if (selected.Length < 2)
            return stage with { Columns = names };
        var name = string.Join('*', selected.Select(column => column.Name));
        if (name.Length > 1024)
            map["columns"]!.Value.Fault("too_many", "cross joins so many columns that the name of the new one is longer than 1024 characters; cross fewer.");
        else if (_vector.Standing.Any(column => column.Name == name))
            map.Node.Fault("duplicate_column", $"The column '{name}' stands already; remove this stage.");
        else if (_vector.Standing.Length < Limits.Columns)
            _vector.Standing = _vector.Standing.Add(new VectorColumn(name, selected.Any(column => column.IsCategorical) ? FieldType.String : FieldType.Float, false, selected.Any(column => column.MayBeMissing)));
        return stage with { Columns = names };
    }

    private PipelineStageDefinition Hash(MapReader map, PipelineStageDefinition stage)
    {
        var (names, selected) = Select(map, "hash", Wants.Any);
        var bits = map["bits"] is { } node ? node.Int(1, 24) : 18;
        if (bits is not null && _hashBits is not null && bits != _hashBits)
            map.Key("bits").Fault("conflict", $"This hash stage has {bits} bits, an earlier one {_hashBits}; all hash stages of a pipeline share one table: use the same.");
        _hashBits ??= bits;
        var replaced = NamesOf(selected);
        _vector.Standing = [.. _vector.Standing.Where(column => !replaced.Contains(column.Name))];
        _vector.Hashed = [.. _vector.Hashed, .. selected];
        return stage with { Columns = names, Bits = bits ?? 18 };
    }

    /// <summary>The columns of a stage as written, and those that they name as they stand now.</summary>
    private (ImmutableArray<string> Names, ImmutableArray<VectorColumn> Selected) Select(MapReader map, string stage, Wants wants, string? strategy = null)
    {
        if (map["columns"] is not { } node)
            return ([], []);
        var what = strategy is null ? stage : $"{stage} with {strategy}";
        return node.IsSequence ? ByName(node, what, wants) : ByGroup(node, what, wants);
    }

    private (ImmutableArray<string>, ImmutableArray<VectorColumn>) ByGroup(NodeReader node, string what, Wants wants)
    {
        if (node.Text("a list of columns, or one of all, numeric, categorical") is not { } group)
            return ([], []);
        if (!Groups.Contains(group))
        {
            var isColumn = _vector.Standing.Any(column => column.Name == group);
            node.Fault("invalid_value", $"{node.Said()} is not one of {Suggestion.List(Groups)}; columns by name are a list{(isColumn ? $": write [{group}]" : "")}.{(isColumn ? "" : Suggestion.For(group, Groups))}");
            return ([], []);
        }

        ImmutableArray<VectorColumn> selected = group switch
        {
            "numeric" => [.. _vector.Standing.Where(column => !column.IsCategorical && !column.IsIndicator)],
            "categorical" => [.. _vector.Standing.Where(column => column.IsCategorical)],
            _ => _vector.Standing,
        };
        if (selected.IsEmpty && _vector.Complete)
            node.Fault("no_columns", $"'{group}' selects no column at this stage (columns: {Suggestion.List([.. _vector.Standing.Select(column => column.Name)])}); remove the stage or name columns.");
        if (wants == Wants.Numbers && selected.FirstOrDefault(column => column.IsCategorical) is { } text)
            node.Fault("conflict", $"{what} needs numbers; '{text.Name}' holds texts: write columns: numeric, or encode it before by one_hot, ordinal or hash.");
        return ([group], selected);
    }

    private (ImmutableArray<string>, ImmutableArray<VectorColumn>) ByName(NodeReader node, string what, Wants wants)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var selected = ImmutableArray.CreateBuilder<VectorColumn>();
        var items = node.Items("columns", Limits.Columns);
        if (items.IsEmpty)
            node.Fault("invalid_value", "The list of columns is empty; name columns, or write all, numeric or categorical.");
        var standing = new Dictionary<string, VectorColumn>(StringComparer.Ordinal);
        foreach (var column in _vector.Standing)
            standing.TryAdd(column.Name, column);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.Text("the name of a column") is not { } name)
                continue;
            names.Add(name);
            if (!taken.Add(name))
            {
                item.Fault("duplicate_column", $"The column '{Excerpt.Of(name)}' is named twice; keep one.");
            }
            else if (!standing.TryGetValue(name, out var column))
            {
                Unknown(item, name, standing.Keys);
            }
            else
            {
                if (wants == Wants.Numbers && column.IsCategorical)
                    item.Fault("conflict", $"{what} needs numbers; '{name}' holds texts: remove it here, or encode it before by one_hot, ordinal or hash.");
                selected.Add(column);
            }
        }

        return (names.DrainToImmutable(), selected.DrainToImmutable());
    }

    private void Unknown(NodeReader item, string name, IReadOnlyCollection<string> standing)
    {
        if (!_vector.Complete)
            return;
        if (Groups.Contains(name))
            item.Fault("unknown_column", $"'{name}' selects a group and stands alone: write columns: {name}.");
        else if (_vector.Find(name) is not null)
            item.Fault("unknown_column", $"The column '{name}' was encoded by an earlier stage and no longer stands (columns: {Suggestion.List(standing)}); move this stage before it.");
        else
            item.Fault("unknown_column", $"There is no column '{Excerpt.Of(name)}' at this stage (columns: {Suggestion.List(standing)}).{Suggestion.For(name, standing)}");
    }

    private static HashSet<string> NamesOf(ImmutableArray<VectorColumn> columns) => columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
}
