using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <content>Stages that make several columns of several.</content>
internal sealed partial class PipelineReader
{
    private PipelineStageDefinition KMeans(MapReader map, PipelineStageDefinition stage)
    {
        var (names, selected) = Select(map, stage.Name, Wants.Numbers);
        var clusters = map["k"]?.Int(2, 256);
        var read = stage with
        {
            Columns = names,
            Clusters = clusters ?? 2,
            Seed = map["seed"]?.Int(0, int.MaxValue) ?? 1,
            Starts = map["starts"]?.Int(1, 100) ?? 3,
            Prefix = map["prefix"]?.Name("new columns"),
        };
        Make(map, read, selected, clusters ?? 0);
        return read;
    }

    private PipelineStageDefinition Pca(MapReader map, PipelineStageDefinition stage)
    {
        var (names, selected) = Select(map, stage.Name, Wants.Numbers);
        var how = map.OneOf("how many components are kept", "components", "variance");
        var read = stage with
        {
            Columns = names,
            Components = how == "components" ? map["components"]!.Value.Int(1, 1000) : null,
            Variance = how == "variance" ? map["variance"]!.Value.Number(0, 1, open: true) : null,
            Prefix = map["prefix"]?.Name("new columns"),
        };
        if (selected.Length > 1000)
            map["columns"]!.Value.Fault("too_many", $"pca decomposes at most 1000 columns, and {selected.Length} are selected; select fewer.");
        if (read.Components > selected.Length && selected.Length > 0 && _vector.Complete)
            map["components"]!.Value.Fault("out_of_range", $"{read.Components} components of {selected.Length} columns: there are at most as many as columns; lower components, or select more columns.");
        var replaced = NamesOf(selected);
        _vector.Standing = [.. _vector.Standing.Where(column => !replaced.Contains(column.Name))];

        // How many a share of the variance takes is known when the rows are: the first stands for all.
        Make(map, read, selected, read.Components ?? 1);
        return read;
    }

    private void Make(MapReader map, PipelineStageDefinition stage, ImmutableArray<VectorColumn> from, int count)
    {
        if (from.IsEmpty)
            return;
        var standing = _vector.Standing.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var made = Enumerable.Range(0, count).Select(i => $"{stage.Prefix ?? stage.Name}_{i}").ToArray();
        if (made.FirstOrDefault(standing.Contains) is { } twice)
            map.Node.Fault("duplicate_column", $"{stage.Name} makes the column '{Excerpt.Of(twice)}', which stands already; give the stage another 'prefix'.");
        else if (standing.Count + count > Limits.Columns)
            map.Node.Fault("too_many", $"{stage.Name} makes more than {Limits.Columns} columns stand; make fewer.");
        else
            _vector.Standing = [.. _vector.Standing, .. made.Select(name => new VectorColumn(name, FieldType.Float, IsInput: false, from.Any(column => column.MayBeMissing)))];
    }
}
