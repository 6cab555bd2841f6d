using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>Which class is which grain type, and which classes implement which interface.</summary>
internal sealed class GrainTypes
{
    private static readonly ConcurrentDictionary<Type, GrainInterfaceType> InterfaceNames = new();
    private static GrainTypes? s_current;
    private readonly Dictionary<GrainType, Type> _classes = [];
    private readonly Dictionary<Type, List<(GrainType Type, Type Class)>> _implementations = [];
    private readonly ConcurrentDictionary<Type, GrainType> _default = new();

    private GrainTypes()
    {
        foreach (var type in ApplicationTypes.All())
        {
            if (!type.IsClass || type.IsAbstract || type.IsGenericTypeDefinition || !typeof(IGrain).IsAssignableFrom(type) || typeof(GrainReference).IsAssignableFrom(type))
                continue;
            var grainType = NameOfClass(type);
            if (_classes.TryGetValue(grainType, out var other))
            {
                // As on the wire: two classes of one grain type cannot be told apart. The first call that needs it fails with both names.
                _ambiguous[grainType] = $"Grain type '{grainType}' is claimed by both {other} and {type}; give one of them another [GrainType].";
                continue;
            }

            _classes[grainType] = type;
            foreach (var contract in type.GetInterfaces())
            {
                if (!_implementations.TryGetValue(contract, out var list))
                    _implementations[contract] = list = [];
                list.Add((grainType, type));
            }
        }
    }

    private readonly Dictionary<GrainType, string> _ambiguous = [];

    public IEnumerable<(GrainType Type, Type Class)> Classes => _classes.Select(c => (c.Key, c.Value));

    public static GrainTypes Current => s_current ??= new GrainTypes();

    public static GrainInterfaceType NameOf(Type interfaceType) => InterfaceNames.GetOrAdd(
        interfaceType,
        static t => t.GetCustomAttribute<GrainInterfaceTypeAttribute>()?.GetGrainInterfaceType(null!, t) ?? GrainInterfaceType.Create(t.FullName ?? t.Name));

    public static GrainType NameOfClass(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } attribute)
            return GrainType.Create(attribute.Name);
        var name = type.Name.ToLowerInvariant();
        if (name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5)
            name = name[..^5];
        return GrainType.Create(name);
    }

    public Type ClassOf(GrainType type)
    {
        if (_ambiguous.TryGetValue(type, out var fault))
            throw new ArgumentException(fault);
        return _classes.TryGetValue(type, out var found) ? found : throw new ArgumentException($"Could not find an implementation for grain type '{type}'.");
    }

    public bool TryGetInterface(GrainInterfaceType name, out Type type)
    {
        type = _implementations.Keys.FirstOrDefault(t => NameOf(t) == name)!;
        return type is not null;
    }

    public GrainType Resolve(Type interfaceType, string? prefix) =>
        string.IsNullOrWhiteSpace(prefix) ? _default.GetOrAdd(interfaceType, ResolveDefault) : ResolvePrefix(interfaceType, prefix);

    private static bool IsPrimary(Type interfaceType, Type implementation)
    {
        var name = interfaceType.Name;
        return name.Length > 1 && name[0] == 'I' && name[1..] == implementation.Name;
    }

    private GrainType ResolveDefault(Type interfaceType)
    {
        if (!_implementations.TryGetValue(interfaceType, out var found))
            throw new ArgumentException($"Could not find an implementation for interface {interfaceType}");
        if (found.Count == 1)
            return found[0].Type;
        var primary = found.Where(f => IsPrimary(interfaceType, f.Class)).ToList();
        return primary.Count == 1
            ? primary[0].Type
            : throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {interfaceType}. Candidates: {string.Join(", ", found.Select(f => $"{f.Type} ({f.Class.FullName})"))}");
    }

    private GrainType ResolvePrefix(Type interfaceType, string prefix)
    {
        var found = _implementations.GetValueOrDefault(interfaceType) ?? [];
        var matching = found.Where(f => f.Class.FullName!.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        var exact = matching.Where(f => f.Class.FullName == prefix).ToList();
        if (exact.Count == 1)
            return exact[0].Type;
        return matching.Count switch
        {
            1 => matching[0].Type,
            0 => throw new ArgumentException($"Could not find an implementation matching prefix \"{prefix}\" for interface {interfaceType}"),
            _ => throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {interfaceType} with implementation prefix \"{prefix}\". Candidates: {string.Join(", ", matching.Select(f => $"{f.Type} ({f.Class.FullName})"))}"),
        };
    }
}
