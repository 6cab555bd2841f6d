using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Features;

namespace OrleansMl.Catalog;

/// <summary>An entity type with all that its grains need.</summary>
public sealed class CompiledEntity
{
    public required string Name { get; init; }

    public required string Application { get; init; }

    public required Clock Clock { get; init; }

    /// <summary>Events further ahead of the wall clock are refused.</summary>
    public required TimeSpan MaxFuture { get; init; }

    public required EntityDefinition Definition { get; init; }

    /// <summary>Attributes by name.</summary>
    public required FrozenDictionary<string, FieldDefinition> Attributes { get; init; }

    /// <summary>Event types that happen to this entity type.</summary>
    public required FrozenDictionary<string, CompiledEvent> Events { get; init; }

    public required FoldPlan Plan { get; init; }

    /// <summary>Models whose predictions about this entity type await a truth.</summary>
    public required bool HasTargets { get; init; }

    /// <summary>An event of it is the truth of a target.</summary>
    public required bool HasTruths { get; init; }

    /// <summary>Equal fingerprints mean equal behaviour.</summary>
    public required string Fingerprint { get; init; }

    public static CompiledEntity Compile(ApplicationDefinition application, EntityDefinition entity)
    {
        ImmutableArray<ViewDefinition> views = [.. application.Views.Where(v => v.Entity == entity.Name)];
        CompiledEvent[] events = [.. application.Events.Where(e => e.Entity == entity.Name).Select(e => CompiledEvent.Compile(application, e))];
        var plan = FoldPlan.Compile(entity, views);
        var hasTargets = application.Models.Any(m => m.Entity == entity.Name && m.Target is not null);
        return new CompiledEntity
        {
            Name = entity.Name,
            Application = application.Name,
            Clock = application.Clock,
            MaxFuture = application.MaxFuture,
            Definition = entity,
            Attributes = entity.Attributes.ToFrozenDictionary(a => a.Name, StringComparer.Ordinal),
            Events = events.ToFrozenDictionary(e => e.Definition.Name, StringComparer.Ordinal),
            Plan = plan,
            HasTargets = hasTargets,
            HasTruths = events.Any(e => !e.Truths.IsEmpty),
            Fingerprint = string.Join('\n',
            [
                application.Name, application.Clock.ToString(), application.MaxFuture.ToString(), hasTargets.ToString(), plan.FoldVersion,
                .. entity.Attributes.Select(a => a.ToString()),
                .. events.Select(e => $"{e.Definition.Name} {e.Definition.MaxAge} {string.Join(',', e.Definition.Fields.Select(f => f.ToString()))} {string.Join(',', e.Truths)}"),
            ]),
        };
    }
}

/// <summary>An event type with its fields by name.</summary>
public sealed record CompiledEvent(EventDefinition Definition, FrozenDictionary<string, FieldDefinition> Fields)
{
    /// <summary>Targets whose truth it is; mostly none.</summary>
    public ImmutableArray<TruthRule> Truths { get; init; } = [];

    internal static CompiledEvent Compile(ApplicationDefinition application, EventDefinition definition) =>
        new(definition, definition.Fields.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal)) { Truths = [.. TruthRule.Of(application, definition)] };
}
