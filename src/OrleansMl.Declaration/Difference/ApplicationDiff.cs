using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>Compares two revisions of an application: a pure function, so that a dry run says what applying does.</summary>
public static class ApplicationDiff
{
    /// <summary>Says what becomes of each thing.</summary>
    /// <param name="current">What stands; null: nothing, all is created.</param>
    /// <param name="next">What is to stand.</param>
    /// <exception cref="ArgumentException">The two are not revisions of one application.</exception>
    public static ApplicationDifference Compare(ApplicationDefinition? current, ApplicationDefinition next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (current is not null && current.Name != next.Name)
            throw new ArgumentException($"'{current.Name}' and '{next.Name}' are different applications; compare revisions of one.", nameof(next));

        var changes = ImmutableArray.CreateBuilder<DefinitionChange>();
        changes.Add(Thing("application", next.Name, current is null ? null : Head(current), Head(next)));
        Section(changes, "entity", current?.Entities ?? [], next.Entities, entity => entity.Name);
        Section(changes, "event", current?.Events ?? [], next.Events, happening => happening.Name);
        Section(changes, "view", current?.Views ?? [], next.Views, view => view.Name);

        // The vector's columns follow from the features and are the learner's; the learner has a line of its own.
        foreach (var (before, after) in Pairs(current?.Models ?? [], next.Models, model => model.Name))
            changes.Add(Model(before, after));
        foreach (var (before, after) in Pairs(current?.Models ?? [], next.Models, model => model.Name))
        {
            if (before?.Learner is null && after?.Learner is null)
                continue;
            changes.Add(Learner(current, before, next, after));
        }

        foreach (var (before, after) in Pairs(current?.Models ?? [], next.Models, model => model.Name))
        {
            foreach (var (old, fresh) in Pairs(before?.Monitors ?? [], after?.Monitors ?? [], monitor => monitor.Name))
                changes.Add(Monitor((after ?? before)!.Name, old, fresh));
        }

        if (current?.Replay is not null || next.Replay is not null)
            changes.Add(Thing("replay", next.Name, current?.Replay, next.Replay) with { KeepsState = true });
        return new ApplicationDifference { Changes = changes.DrainToImmutable() };
    }

    private static object Head(ApplicationDefinition application) => new { application.Clock, application.MaxFuture };

    private static ModelDefinition Body(ModelDefinition model) => model with { Learner = null, Columns = [], Monitors = [] };

    private static void Section<T>(ImmutableArray<DefinitionChange>.Builder changes, string kind, ImmutableArray<T> before, ImmutableArray<T> after, Func<T, string> name)
        where T : class
    {
        foreach (var (old, fresh) in Pairs(before, after, name))
            changes.Add(Thing(kind, name(fresh ?? old!), old, fresh));
    }

    /// <summary>Those of the new revision in its order, then those that are gone.</summary>
    private static IEnumerable<(T? Before, T? After)> Pairs<T>(ImmutableArray<T> before, ImmutableArray<T> after, Func<T, string> name)
        where T : class
    {
        var old = before.ToDictionary(name, StringComparer.Ordinal);
        foreach (var thing in after)
            yield return (old.Remove(name(thing), out var was) ? was : null, thing);
        foreach (var thing in before.Where(thing => old.ContainsKey(name(thing))))
            yield return (thing, null);
    }

    private static DefinitionChange Thing(string kind, string name, object? before, object? after)
    {
        if (before is null)
            return new DefinitionChange("create", kind, name, KeepsState: true, "new");
        if (after is null)
            return new DefinitionChange("delete", kind, name, KeepsState: false, "removed");
        var differences = Differences.Between(before, after);
        return differences.IsEmpty
            ? new DefinitionChange("none", kind, name, KeepsState: true, null)
            : new DefinitionChange("update", kind, name, KeepsState: true, string.Join("; ", differences) + Note(kind));
    }

    /// <summary>What a monitor has seen was counted by its own rules: with others it begins anew. No learner hangs on it.</summary>
    private static DefinitionChange Monitor(string model, MonitorDefinition? before, MonitorDefinition? after)
    {
        var change = Thing("monitor", $"{model}/{(after ?? before)!.Name}", before, after);
        return change.Action == "update" ? change with { KeepsState = false, Detail = change.Detail + ". It begins anew." } : change;
    }

    /// <summary>Where it has a learner before and after, the learner's own line says what its target means to it.</summary>
    private static DefinitionChange Model(ModelDefinition? before, ModelDefinition? after)
    {
        var change = Thing("model", (after ?? before)!.Name, before is null ? null : Body(before), after is null ? null : Body(after));
        return before is null || after is null || (before.Learner is not null && after.Learner is not null) || TargetRule.WhyEnds(before.Target, after.Target) is not { } why
            ? change
            : change with { KeepsState = false, Detail = $"{change.Detail}: {why}", Incompatible = true };
    }

    private static string Note(string kind) => kind switch
    {
        "view" => ". Its features are folded anew from the log.",
        "event" => ". Events in the log stay as they were accepted.",
        _ => "",
    };

    private static DefinitionChange Learner(ApplicationDefinition? current, ModelDefinition? before, ApplicationDefinition next, ModelDefinition? after)
    {
        if (before?.Learner is null)
            return new DefinitionChange("create", "learner", after!.Name, KeepsState: true, "new");
        if (after?.Learner is null)
        {
            var gone = after is null ? "the model is removed" : "the model no longer learns";
            return new DefinitionChange("delete", "learner", before.Name, KeepsState: false, $"{gone}: what it learned would be orphaned", Incompatible: true);
        }

        var ends = LineageRule.WhatEndsIt(current!, before, next, after);
        var differences = Differences.Between(before.Learner, after.Learner);
        if (!ends.IsEmpty)
            return new DefinitionChange("update", "learner", after.Name, KeepsState: false, string.Join("; ", ends) + ": what it learned does not fit", Incompatible: true);
        return differences.IsEmpty
            ? new DefinitionChange("none", "learner", after.Name, KeepsState: true, null)
            : new DefinitionChange("update", "learner", after.Name, KeepsState: true, string.Join("; ", differences));
    }
}
