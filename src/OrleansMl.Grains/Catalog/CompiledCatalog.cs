using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansMl.Declaration;

namespace OrleansMl.Catalog;

/// <summary>All applications as a silo uses them: one immutable value, made anew at each revision.</summary>
public sealed class CompiledCatalog
{
    private CompiledCatalog(CatalogSnapshot snapshot, FrozenDictionary<string, CompiledEntity> entities, FrozenDictionary<string, CompiledModel> models)
    {
        Snapshot = snapshot;
        Entities = entities;
        Models = models;
    }

    public static CompiledCatalog Empty { get; } = Compile(CatalogSnapshot.Empty, null);

    public CatalogSnapshot Snapshot { get; }

    public long Revision => Snapshot.Revision;

    public FrozenDictionary<string, CompiledEntity> Entities { get; }

    public FrozenDictionary<string, CompiledModel> Models { get; }

    /// <summary>
    /// Compiles; what did not change since <paramref name="previous"/> stays the same object, so that the grains of
    /// other entities keep their folds.
    /// </summary>
    public static CompiledCatalog Compile(CatalogSnapshot snapshot, CompiledCatalog? previous)
    {
        var entities = new Dictionary<string, CompiledEntity>(StringComparer.Ordinal);
        var models = new Dictionary<string, CompiledModel>(StringComparer.Ordinal);
        foreach (var applied in snapshot.Applications)
        {
            // Unchanged applications keep their compiled parts: grains know by reference that nothing changed for them.
            if (previous?.Snapshot.Applications.Any(a => IsSame(a, applied)) == true)
            {
                foreach (var entity in previous.Entities.Values.Where(e => e.Application == applied.Name))
                    entities[entity.Name] = entity;
                foreach (var model in previous.Models.Values.Where(m => m.Application == applied.Name))
                    models[model.Name] = model;
                continue;
            }

            // What was applied was valid then; a later, stricter reader must not take the whole catalog down.
            if (ApplicationReader.ReadApplied(applied.Source).Definition is not { } application)
                continue;
            foreach (var entity in application.Entities)
            {
                var compiled = CompiledEntity.Compile(application, entity);
                entities[entity.Name] = previous is not null && previous.Entities.TryGetValue(entity.Name, out var old) && old.Fingerprint == compiled.Fingerprint ? old : compiled;
            }

            foreach (var model in application.Models)
            {
                var lineage = applied.Lineages.TryGetValue(model.Name, out var l) ? l : 1;
                models[model.Name] = CompiledModel.Compile(applied, application, model, lineage);
            }
        }

        return new CompiledCatalog(snapshot, entities.ToFrozenDictionary(StringComparer.Ordinal), models.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>The error for an entity type that no application declares.</summary>
    public OmlError UnknownEntityType(string type) => OmlError.NotFound("unknown_entity_type",
        $"No application declares an entity type '{type}'{Known(Entities.Keys)}.");

    /// <summary>The error for a model that is neither declared nor registered.</summary>
    public OmlError UnknownModel(string model) => OmlError.NotFound("unknown_model",
        $"There is no model '{model}'{Known([.. Models.Keys.Union(Snapshot.RegisteredModels)])}.");

    /// <summary>One that was deleted and applied again counts its revisions from 1 as well; its lineages tell.</summary>
    private static bool IsSame(AppliedApplication a, AppliedApplication b) =>
        a.Name == b.Name && a.Revision == b.Revision && a.Source == b.Source
        && a.Lineages.Count == b.Lineages.Count && a.Lineages.All(l => b.Lineages.TryGetValue(l.Key, out var lineage) && lineage == l.Value);

    private static string Known(ImmutableArray<string> names) =>
        names.IsEmpty ? "; none is declared yet: apply an application first" : $" (known: {string.Join(", ", names.Order(StringComparer.Ordinal))})";
}
