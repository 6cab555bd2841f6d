using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>
/// What a learner learned fits a vector and a target. When either changes in number, order, type or meaning, its
/// weights say nothing any more: its lineage ends. Rates of the learner, rules of promotion, steps after the model, times to live and
/// the window in which a truth is awaited may change.
/// </summary>
internal static class LineageRule
{
    public static ImmutableArray<string> WhatEndsIt(ApplicationDefinition current, ModelDefinition before, ApplicationDefinition next, ModelDefinition after)
    {
        var ends = ImmutableArray.CreateBuilder<string>();
        Compare(ends, "learner type", before.Learner!.Type, after.Learner!.Type);
        Compare(ends, "learner's network", before.Learner.Of, after.Learner.Of);
        Compare(ends, "learner's version of the network", before.Learner.OfVersion, after.Learner.OfVersion);
        Parameters(ends, before.Learner, after.Learner, after.Target?.ClassCount() ?? 2);
        Compare(ends, "entity", before.Entity, after.Entity);
        Compare(ends, "candidates", before.Candidates, after.Candidates);
        Compare(ends, "target", before.Target?.Name, after.Target?.Name);
        Compare(ends, "target type", before.Target?.Type.ToString().ToLowerInvariant(), after.Target?.Type.ToString().ToLowerInvariant());
        Compare(ends, "classes", Classes(before), Classes(after));
        Columns(ends, current, before, next, after);
        foreach (var difference in Differences.Between(new { before.Pipeline }, new { after.Pipeline }))
            ends.Add(difference);
        return ends.DrainToImmutable();
    }

    /// <summary>Parameters that what was learned hangs on, as the number of factors.</summary>
    private static void Parameters(ImmutableArray<string>.Builder ends, LearnerDefinition before, LearnerDefinition after, int classes)
    {
        if (before.Type != after.Type || LearnerFactory.Find(after.Type) is not { } kind)
            return;
        foreach (var parameter in kind.Parameters(classes, after.Params).Where(parameter => parameter.IsStructural))
            Compare(ends, $"params.{parameter.Name}", Value(before, parameter), Value(after, parameter));

        static string Value(LearnerDefinition learner, LearnerParameter parameter)
            => FormattableString.Invariant($"{learner.Params.GetValueOrDefault(parameter.Name) ?? parameter.Default}");
    }

    private static void Columns(ImmutableArray<string>.Builder ends, ApplicationDefinition current, ModelDefinition before, ApplicationDefinition next, ModelDefinition after)
    {
        var old = before.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        var fresh = after.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var column in before.Columns.Where(column => !fresh.ContainsKey(column.Name)))
            ends.Add($"column '{column.Name}' removed");
        foreach (var column in after.Columns)
        {
            if (!old.TryGetValue(column.Name, out var was))
            {
                ends.Add($"column '{column.Name}' added");
                continue;
            }

            Compare(ends, $"type of column '{column.Name}'", was.Type.ToString().ToLowerInvariant(), column.Type.ToString().ToLowerInvariant());
            Compare(ends, $"meaning of column '{column.Name}'", Meaning(current, was), Meaning(next, column));
        }

        if (ends.Count == 0 && !before.Columns.Select(column => column.Name).SequenceEqual(after.Columns.Select(column => column.Name)))
            ends.Add("order of the columns");
    }

    /// <summary>What a column stands for, apart from its name.</summary>
    private static string Meaning(ApplicationDefinition application, ColumnDefinition column)
    {
        if (column.IsInput)
            return "input";
        var colon = column.Name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return "attribute";
        var view = application.Views.Single(view => view.Name == column.Name[..colon]);
        var feature = view.Features.Single(feature => feature.Name == column.Name[(colon + 1)..]);
        var window = feature.Window is { } length ? $", {(feature.Tumbling ? "tumbling" : "sliding")} {Duration.Text(length)}" : "";
        var offset = feature.Offset == 0 ? "" : FormattableString.Invariant($", offset {feature.Offset}");
        var standIn = feature.Default is null ? "" : FormattableString.Invariant($", default {feature.Default}");
        var field = feature.Field is null ? "" : $" of {feature.Field}";
        return $"{feature.Aggregation.ToString().ToLowerInvariant()}{field} in {view.SourceKind.ToString().ToLowerInvariant()} {view.Source} of {view.Entity}{window}{offset}{standIn}";
    }

    private static string? Classes(ModelDefinition model) =>
        model.Target is { Type: not TargetType.Regression } target ? $"[{string.Join(", ", TargetReader.LabelsOf(target))}]" : null;

    private static void Compare(ImmutableArray<string>.Builder ends, string what, string? before, string? after)
    {
        if (before != after)
            ends.Add($"{what}: {before ?? "none"} → {after ?? "none"}");
    }
}
