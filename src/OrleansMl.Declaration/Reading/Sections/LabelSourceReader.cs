using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>Reads who may say what is true, and whose word stands: <c>sources</c> and <c>conflict</c> of a target.</summary>
internal static class LabelSourceReader
{
    public static ImmutableArray<LabelSourceDefinition> Read(MapReader target)
    {
        if (target["sources"] is not { } list)
            return [];
        var sources = ImmutableArray.CreateBuilder<LabelSourceDefinition>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.Items("sources of labels", Limits.Things))
        {
            if (item.Map(Shapes.LabelSource) is not { } map)
                continue;
            var name = map["name"]?.Line("the name of a source", Limits.Text);
            var priority = map["priority"]?.Int(1, 1_000_000);
            if (name is LabelSources.Correction or LabelSources.Default)
                map["name"]!.Value.Fault("invalid_name", $"'{name}' is taken: {(name == LabelSources.Default ? "it is the label that no source gave" : "corrections go before all sources")}; rename the source.");
            else if (name is not null && !seen.Add(name))
                map["name"]!.Value.Fault("duplicate_name", $"The source {map["name"]!.Value.Said()} is listed twice; keep one.");
            else if (name is not null && priority is { } rank)
                sources.Add(new LabelSourceDefinition(name, rank));
        }

        return sources.DrainToImmutable();
    }

    /// <summary>Without a word the ranks decide where there are any, else what came last.</summary>
    public static LabelConflict Conflict(MapReader target, TargetType? type, ImmutableArray<LabelSourceDefinition> sources)
    {
        var conflict = target["conflict"]?.Word(Shapes.Conflicts);
        if (conflict == LabelConflict.Majority && type == TargetType.Regression)
            target["conflict"]!.Value.Fault("conflict", "'majority' counts equal labels, and the labels of a regression are hardly ever equal; choose highest_priority, latest or first.");
        if (conflict == LabelConflict.HighestPriority && !target.Has("sources"))
            target["conflict"]!.Value.Fault("missing_key", "'highest_priority' needs 'sources' with their priorities; list them, or choose latest, first or majority.");
        if (!target.Has("sources") && target.Has("unknownSources"))
            target.Key("unknownSources").Fault("missing_key", "'unknownSources' says what happens to sources that are not in 'sources'; list them, or remove it.");
        return conflict ?? (sources.IsEmpty ? LabelConflict.Latest : LabelConflict.HighestPriority);
    }
}
