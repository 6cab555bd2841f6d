using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Net;
using System.Numerics;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Which types pass as they are, how the others are copied, and which are refused.</summary>
internal static class CopyRules
{
    private static readonly HashSet<Type> Identity =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid),
        typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(CancellationToken), typeof(IPAddress),
        typeof(IPEndPoint), typeof(System.Text.Rune), typeof(System.Globalization.CultureInfo), typeof(DBNull),
    ];

    private static readonly Dictionary<Type, string> Collections = new()
    {
        [typeof(List<>)] = nameof(CollectionCopiers.List),
        [typeof(HashSet<>)] = nameof(CollectionCopiers.HashSet),
        [typeof(SortedSet<>)] = nameof(CollectionCopiers.SortedSet),
        [typeof(Queue<>)] = nameof(CollectionCopiers.Queue),
        [typeof(Stack<>)] = nameof(CollectionCopiers.Stack),
        [typeof(ReadOnlyCollection<>)] = nameof(CollectionCopiers.ReadOnlyCollection),
        [typeof(Dictionary<,>)] = nameof(CollectionCopiers.Dictionary),
        [typeof(SortedDictionary<,>)] = nameof(CollectionCopiers.SortedDictionary),
        [typeof(ConcurrentDictionary<,>)] = nameof(CollectionCopiers.ConcurrentDictionary),
        [typeof(ImmutableArray<>)] = nameof(CollectionCopiers.ImmutableArray),
        [typeof(ImmutableList<>)] = nameof(CollectionCopiers.ImmutableList),
        [typeof(ImmutableHashSet<>)] = nameof(CollectionCopiers.ImmutableHashSet),
        [typeof(ImmutableSortedSet<>)] = nameof(CollectionCopiers.ImmutableSortedSet),
        [typeof(ImmutableDictionary<,>)] = nameof(CollectionCopiers.ImmutableDictionary),
        [typeof(ImmutableSortedDictionary<,>)] = nameof(CollectionCopiers.ImmutableSortedDictionary),
        [typeof(Memory<>)] = nameof(CollectionCopiers.Memory),
        [typeof(ReadOnlyMemory<>)] = nameof(CollectionCopiers.ReadOnlyMemory),
        [typeof(ArraySegment<>)] = nameof(CollectionCopiers.ArraySegment),
    };

    private static readonly HashSet<Type> ImmutableCollections =
    [
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableHashSet<>), typeof(ImmutableSortedSet<>), typeof(ImmutableDictionary<,>),
        typeof(ImmutableSortedDictionary<,>),
    ];

    public static bool IsIdentity(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || Identity.Contains(type) || type.IsDefined(typeof(ImmutableAttribute), inherit: false))
            return true;
        if (typeof(Type).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type) || typeof(GrainReference).IsAssignableFrom(type))
            return true;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return IsIdentity(underlying);
        return type.IsGenericType && (IsTuple(type) || ImmutableCollections.Contains(type.GetGenericTypeDefinition()))
            && type.GetGenericArguments().All(IsIdentity);
    }

    /// <returns>A <c>Func&lt;T, CopyContext, T&gt;</c>.</returns>
    /// <exception cref="CodecNotFoundException">The type may not travel.</exception>
    public static Delegate Build(Type type)
    {
        if (typeof(IAddressable).IsAssignableFrom(type))
            return Generic(nameof(CollectionCopiers.Addressable), type);
        if (type.IsArray)
        {
            return type.IsSZArray
                ? Generic(nameof(CollectionCopiers.Array), type.GetElementType()!)
                : Generic(nameof(CollectionCopiers.MultiArray), type);
        }

        if (type == typeof(object))
            return (Func<object, CopyContext, object>)((_, _) => new object());
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Generic(nameof(CollectionCopiers.Nullable), underlying);
        if (type.IsGenericType)
        {
            if (Collections.TryGetValue(type.GetGenericTypeDefinition(), out var method))
                return Generic(method, type.GetGenericArguments());
            if (IsTuple(type) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
                return ObjectCopierEmitter.Emit(type, [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(f => (MemberInfo)f)]);
        }

        if (ConverterCopiers.TryBuild(type) is { } converter)
            return converter;
        if (type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) && !type.IsAbstract && !type.IsInterface)
            return ObjectCopierEmitter.Emit(type, TravellingMembers.Of(type));
        throw new CodecNotFoundException(
            $"Could not find a copier for type {type}. Mark it [GenerateSerializer] and its members [Id(n)], or send a type that has both.");
    }

    private static bool IsTuple(Type type) =>
        type.IsGenericType && type.Namespace == "System" && (type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal) || type.Name.StartsWith("Tuple`", StringComparison.Ordinal));

    private static Delegate Generic(string method, params Type[] arguments)
    {
        var made = typeof(CollectionCopiers).GetMethod(method, BindingFlags.Static | BindingFlags.Public)!.MakeGenericMethod(arguments);
        var copied = made.ReturnType;
        return made.CreateDelegate(typeof(Func<,,>).MakeGenericType(copied, typeof(CopyContext), copied));
    }
}
