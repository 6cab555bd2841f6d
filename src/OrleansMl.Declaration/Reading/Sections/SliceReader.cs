using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads the <c>slices</c> of a promotion: names of columns, or columns with bins.</summary>
internal static class SliceReader
{
    private const int MaxBins = 16;

    public static ImmutableArray<SliceDefinition> Read(NodeReader list, VectorReader vector)
    {
        var slices = ImmutableArray.CreateBuilder<SliceDefinition>();
        foreach (var item in list.Items("slices", Limits.Stages))
        {
            if (ReadOne(item, vector) is not { } slice)
                continue;
            if (slices.Any(known => known.Column == slice.Column))
                item.Fault("duplicate_column", $"The slice '{Excerpt.Of(slice.Column)}' is listed twice; keep one.");
            else
                slices.Add(slice);
        }

        return slices.DrainToImmutable();
    }

    private static SliceDefinition? ReadOne(NodeReader item, VectorReader vector)
    {
        if (!item.IsMap)
            return item.Text("the name of a column, or a map with column and bins") is { } name ? Checked(item, name, [], null, vector) : null;
        if (item.Map(Shapes.Slice) is not { } map || map["column"] is not { } node || node.Text("the name of a column") is not { } column)
            return null;
        var bins = map["bins"];
        return Checked(node, column, bins is { } cuts ? Bins(cuts) : [], bins, vector);
    }

    private static SliceDefinition Checked(NodeReader node, string name, ImmutableArray<double> bins, NodeReader? binsNode, VectorReader vector)
    {
        if (vector.Find(name) is not { } column)
        {
            var names = vector.Columns.Select(known => known.Name).ToArray();
            if (vector.Complete)
                node.Fault("unknown_column", $"'{Excerpt.Of(name)}' is no column of this model (columns: {Suggestion.List(names)}).{Suggestion.For(name, names)}");
        }
        else if (column.Type == FieldType.Float && binsNode is null)
        {
            node.Fault("missing_key", $"The slice '{Excerpt.Of(name)}' is of numbers: say where to cut them, {{column: \"{Excerpt.Of(name)}\", bins: [10, 20]}}.");
        }
        else if (binsNode is { } cuts && column.Type is not (FieldType.Float or FieldType.Int))
        {
            cuts.Fault("conflict", $"The slice '{Excerpt.Of(name)}' is of type {column.Type.ToString().ToLowerInvariant()}; only numbers have bins: remove them, each value is a slice.");
        }

        return new SliceDefinition(name, bins);
    }

    private static ImmutableArray<double> Bins(NodeReader list)
    {
        var bins = ImmutableArray.CreateBuilder<double>();
        foreach (var item in list.Items("bins", MaxBins))
        {
            if (item.Number() is not { } cut)
                continue;
            if (bins.Count > 0 && cut <= bins[^1])
                item.Fault("out_of_range", $"{item.Said()} is not above the cut point before it; write them rising.");
            bins.Add(cut);
        }

        if (list.Node is YamlSequence { Items.IsEmpty: true })
            list.Fault("invalid_value", "There is no cut point; give at least one number.");
        return bins.DrainToImmutable();
    }
}
