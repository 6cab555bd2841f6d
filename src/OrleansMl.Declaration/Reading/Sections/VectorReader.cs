using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Resolves a model's inputs and features into the columns of its vector.</summary>
internal sealed class VectorReader(Scope scope, EntitySymbol? entity, EntitySymbol? candidates, MapReader model)
{
    private readonly Dictionary<string, VectorColumn> _byName = new(StringComparer.Ordinal);
    private readonly List<VectorColumn> _columns = [];

    /// <summary>All columns in order.</summary>
    public IReadOnlyList<VectorColumn> Columns => _columns;

    /// <summary>False when some could not be resolved: then unknown columns are not reported a second time.</summary>
    public bool Complete { get; private set; } = true;

    /// <summary>Columns after the stages read so far.</summary>
    public ImmutableArray<VectorColumn> Standing { get; set; } = [];

    /// <summary>Columns that were hashed by the stages read so far.</summary>
    public ImmutableArray<VectorColumn> Hashed { get; set; } = [];

    /// <summary>The columns after the stages read so far, as a trainer sees them.</summary>
    public EncodedColumns Encoded => new(
        [.. Standing.Where(column => !column.IsCategorical).Select(column => column.Name)],
        [.. Hashed.Select(column => column.Name)],
        [.. Standing.Where(column => column.IsCategorical).Select(column => column.Name)]);

    public VectorColumn? Find(string name) => _byName.GetValueOrDefault(name);

    public void Inputs(FieldSet inputs)
    {
        Complete &= inputs.Complete;
        foreach (var input in inputs.Fields)
            Add(model["inputs"]!.Value, new VectorColumn(input.Name, input.Type, IsInput: true, MayBeMissing: !input.Required), 1);
        Standing = [.. _columns];
    }

    public ImmutableArray<string> Features(NodeReader list)
    {
        Complete &= list.IsSequence;
        var patterns = ImmutableArray.CreateBuilder<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.Items("features", Limits.Columns))
        {
            if (item.Text("a feature (view:feature, view:*, type.attribute or type.id)") is not { } pattern)
            {
                Complete = false;
                continue;
            }

            patterns.Add(pattern);
            if (!seen.Add(pattern))
            {
                item.Fault("duplicate_column", $"'{Excerpt.Of(pattern)}' is listed twice; keep one.");
                continue;
            }

            var resolved = Resolve(item, pattern, out var complete);
            Complete &= complete;
            foreach (var column in resolved)
            {
                if (!Add(item, column, resolved.Length))
                    break;
            }
        }

        Standing = [.. _columns];
        return patterns.DrainToImmutable();
    }

    /// <summary>What <c>view:feature</c>, <c>view:*</c>, <c>type.attribute</c> or <c>type.id</c> names; empty after a fault.</summary>
    public ImmutableArray<VectorColumn> Resolve(NodeReader node, string pattern, out bool complete)
    {
        complete = false;
        var colon = pattern.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
            return OfView(node, pattern, pattern[..colon], pattern[(colon + 1)..], out complete);
        var unread = false;
        foreach (var type in new[] { entity, candidates })
        {
            if (type is null || !pattern.StartsWith(type.Definition.Name + ".", StringComparison.Ordinal))
                continue;
            var name = pattern[(type.Definition.Name.Length + 1)..];
            if (name == "id")
            {
                complete = true;
                return [new VectorColumn(pattern, FieldType.Ref, IsInput: false, MayBeMissing: false)];
            }

            if (type.Attributes.Find(name) is { } attribute)
            {
                complete = true;
                return [new VectorColumn(pattern, attribute.Type, IsInput: false, MayBeMissing: true)];
            }

            unread |= !type.Attributes.Complete;
        }

        // With the entity itself at fault nothing can be said about its attributes.
        if (!unread && scope.Entities.Complete && (entity is not null || !model.Has("entity")) && (candidates is not null || !model.Has("candidates")))
        {
            var all = Readable().ToArray();
            node.Fault("unknown_feature", $"There is no feature '{Excerpt.Of(pattern)}' (to be had: {Suggestion.List(all)}).{Suggestion.For(pattern, all)}");
        }

        return [];
    }

    private ImmutableArray<VectorColumn> OfView(NodeReader node, string pattern, string viewName, string feature, out bool complete)
    {
        complete = false;
        if (scope.Views.Find(viewName) is not { } view)
        {
            if (scope.Views.Complete)
            {
                var all = Readable().Where(name => name.Contains(':', StringComparison.Ordinal)).ToArray();
                var near = Suggestion.For(pattern, feature == "*" ? scope.Views.Names.Select(name => name + ":*") : all);
                node.Fault("unknown_view", $"There is no view '{Excerpt.Of(viewName)}' (views: {Suggestion.List(scope.Views.Names)}).{near}");
            }

            return [];
        }

        var of = view.Definition.Entity;
        if (of.Length > 0 && entity is not null && of != entity.Definition.Name && (candidates is not null || !model.Has("candidates")) && of != candidates?.Definition.Name)
        {
            node.Fault("conflict", $"View '{viewName}' is of entity '{of}', the model is of '{entity.Definition.Name}'{(candidates is null ? "" : $" with candidates '{candidates.Definition.Name}'")}; use a view of these.");
            return [];
        }

        complete = view.Complete;
        if (feature == "*")
            return view.Columns;
        if (view.Columns.FirstOrDefault(column => column.Name == pattern) is { } found)
        {
            complete = true;
            return [found];
        }

        if (view.Complete)
        {
            var names = view.Definition.Features.Select(f => f.Name).ToArray();
            node.Fault("unknown_feature", $"View '{viewName}' has no feature '{Excerpt.Of(feature)}' (features: {Suggestion.List(names)}).{Suggestion.For(feature, names)}");
        }

        complete = false;
        return [];
    }

    private IEnumerable<string> Readable()
    {
        var types = new[] { entity, candidates }.OfType<EntitySymbol>().ToArray();
        foreach (var type in types)
        {
            foreach (var name in scope.Views.Names.Select(scope.Views.Find).Where(view => view!.Definition.Entity == type.Definition.Name).SelectMany(view => view!.Columns))
                yield return name.Name;
            foreach (var attribute in type.Attributes.Names)
                yield return $"{type.Definition.Name}.{attribute}";
            yield return type.Definition.Name + ".id";
        }
    }

    private bool Add(NodeReader node, VectorColumn column, int ofPattern)
    {
        if (_columns.Count >= Limits.Columns)
        {
            node.Fault("too_many", $"The vector has more than {Limits.Columns} columns; use fewer.");
            Complete = false;
            return false;
        }

        if (_byName.TryAdd(column.Name, column))
            _columns.Add(column);
        else
            node.Fault("duplicate_column", $"The column '{column.Name}' is in the vector already{(ofPattern > 1 ? "; list it, or the wildcard, not both" : "; keep one")}.");
        return true;
    }
}
