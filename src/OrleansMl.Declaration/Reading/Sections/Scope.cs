using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Named things of one kind, and whether all of them could be read.</summary>
internal sealed class NameTable<T>(string kind)
    where T : class
{
    private readonly Dictionary<string, T> _things = new(StringComparer.Ordinal);
    private readonly List<NodeReader> _later = [];

    /// <summary>False once one could not be read: then a name that is not here may be its, and is not reported again.</summary>
    public bool Complete { get; set; } = true;

    public IReadOnlyCollection<string> Names => _things.Keys;

    private string Plural => kind.EndsWith('y') ? kind[..^1] + "ies" : kind + "s";

    /// <summary>The section of these things is not yet read to its end.</summary>
    public bool Reading { get; private set; } = true;

    /// <summary>Reports a name that is taken.</summary>
    public void Add(NodeReader node, string name, T thing)
    {
        if (!_things.TryAdd(name, thing))
            node.Fault("duplicate_name", $"There is another {kind} named '{name}'; names of {Plural} are unique: rename one.");
    }

    public T? Find(string name) => _things.GetValueOrDefault(name);

    /// <summary>A reference from within the section itself: resolved at its end.</summary>
    public void Later(NodeReader node) => _later.Add(node);

    /// <summary>The section is read: references from within it are resolved.</summary>
    public void Close()
    {
        Reading = false;
        foreach (var node in _later)
            Resolve(node);
        _later.Clear();
    }

    /// <summary>The thing that a node names; null after a fault, or when the thing itself was at fault.</summary>
    public T? Resolve(NodeReader node)
    {
        if (node.Text($"the name of one of the {Plural}") is not { } name)
            return null;
        if (_things.TryGetValue(name, out var thing))
            return thing;
        if (Complete)
            node.Fault($"unknown_{kind}", $"There is no {kind} '{Excerpt.Of(name)}' ({Plural}: {Suggestion.List(Names)}).{Suggestion.For(name, Names)}");
        return null;
    }
}

/// <summary>Fields that could be read, and whether these are all.</summary>
internal sealed record FieldSet(ImmutableArray<FieldDefinition> Fields, bool Complete)
{
    public static FieldSet Empty { get; } = new([], true);

    public IReadOnlyCollection<string> Names { get; } = [.. Fields.Select(field => field.Name)];

    public FieldDefinition? Find(string name) => Fields.FirstOrDefault(field => field.Name == name);
}

internal sealed record EntitySymbol(EntityDefinition Definition, FieldSet Attributes);

internal sealed record EventSymbol(EventDefinition Definition, FieldSet Fields);

/// <param name="Definition">The view.</param>
/// <param name="Columns">Its features as columns of a vector.</param>
/// <param name="Complete">All its features could be read.</param>
internal sealed record ViewSymbol(ViewDefinition Definition, ImmutableArray<VectorColumn> Columns, bool Complete);

/// <summary>A target as a view sees it before models are read.</summary>
internal sealed record TargetMention(string Name, string? Entity, bool IsMulticlass);

/// <summary>A column on its way through a pipeline.</summary>
/// <param name="Name">As in <see cref="ColumnDefinition"/>, or made by a stage.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsInput">It comes with the request.</param>
/// <param name="MayBeMissing">It may be without a value when the model is asked.</param>
/// <param name="IsIndicator">0 or 1, made by one_hot, or a code, made by ordinal: <c>numeric</c> does not select it.</param>
internal sealed record VectorColumn(string Name, FieldType Type, bool IsInput, bool MayBeMissing, bool IsIndicator = false)
{
    public bool IsCategorical => Type is FieldType.String or FieldType.Ref;
}

/// <summary>What has been read so far and can be referred to.</summary>
internal sealed class Scope(FaultSink sink)
{
    public FaultSink Sink { get; } = sink;

    public NameTable<EntitySymbol> Entities { get; } = new("entity");

    public NameTable<EventSymbol> Events { get; } = new("event");

    public NameTable<ViewSymbol> Views { get; } = new("view");

    public NameTable<ModelDefinition> Models { get; } = new("model");

    /// <summary>Targets of all models, known before views are read.</summary>
    public List<TargetMention> Mentions { get; } = [];

    /// <summary>Targets as read, with their models.</summary>
    public List<TargetSymbol> Targets { get; } = [];
}

/// <param name="Entity">The model's entity type.</param>
/// <param name="Model">The model.</param>
/// <param name="Target">Its target.</param>
/// <param name="InputsComplete">All inputs of the model could be read.</param>
internal sealed record TargetSymbol(string? Entity, ModelDefinition Model, TargetDefinition Target, bool InputsComplete);
