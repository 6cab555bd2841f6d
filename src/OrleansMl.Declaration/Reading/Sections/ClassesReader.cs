using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>Reads the <c>classes</c> of a target.</summary>
internal static class ClassesReader
{
    /// <returns>Empty after a fault, or where the target has none.</returns>
    public static ImmutableArray<string> Read(NodeReader node, MapReader map, TargetType? type)
    {
        if (type == TargetType.Regression)
        {
            map.Key("classes").Fault("conflict", "'classes' belongs to type: binary or multiclass; remove it or change the type.");
            return [];
        }

        var items = node.Items("classes", Limits.Categories);
        if (node.IsSequence && type == TargetType.Multiclass && items.Length <= 2)
            node.Fault("invalid_value", items.Length == 2 ? "Two classes are a binary target: write type: binary, and the classes as [negative, positive]." : $"A multiclass target has {TargetShape.FewestClasses} to {TargetShape.MostClasses} classes, and {items.Length} {(items.Length == 1 ? "is" : "are")} named.");
        else if (node.IsSequence && type == TargetType.Multiclass && items.Length > TargetShape.MostClasses)
            node.Fault("invalid_value", FormattableString.Invariant($"There are {items.Length:N0} classes, and a multiclass target has at most {TargetShape.MostClasses:N0}; join the rare ones."));
        else if (node.IsSequence && type != TargetType.Multiclass && items.Length != 2)
            node.Fault("invalid_value", "A binary target has two classes: write [negative, positive]. More of them are type: multiclass.");
        var classes = items.Select(item => item.Line("the name of a class", Limits.Label)).ToArray();
        if ((type == TargetType.Multiclass ? classes.Length is < TargetShape.FewestClasses or > TargetShape.MostClasses : classes.Length != 2) || classes.Contains(null))
            return [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var isUnique = true;
        foreach (var (place, name) in classes.Index())
        {
            if (name == "none")
                items[place].Fault("invalid_name", "'none' cannot be the name of a class: default: none means no label; rename it.");
            if (seen.Add(name!))
                continue;
            isUnique = false;
            items[place].Fault("duplicate_name", classes.Length == 2 ? $"Both classes are named {items[place].Said()}; give two different names." : $"The class {items[place].Said()} is named twice; keep one.");
        }

        return isUnique || type != TargetType.Multiclass ? [.. classes!] : [];
    }
}
