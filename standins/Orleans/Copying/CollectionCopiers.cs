using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Copies of the framework's collections. A collection is recorded before its items, for cycles.</summary>
internal static class CollectionCopiers
{
    /// <summary>A grain or a reference passed as an argument becomes a reference; an object that is neither is refused.</summary>
    public static T Addressable<T>(T value, CopyContext context)
        where T : IAddressable => value switch
        {
            GrainReference => value,
            IGrainBase grain when typeof(T).IsInterface => (T)grain.GrainContext.GrainReference.Caller.References.Cast(grain.GrainContext.GrainReference, typeof(T)),
            IGrainBase grain => throw new ArgumentException(
                $"Grain '{grain.GrainContext.GrainId}' was passed as itself. Pass this.AsReference<TInterface>()."),
            _ => throw new ArgumentException(
                $"An object of type {value.GetType()} was passed where a reference is needed. Register it with IGrainFactory.CreateObjectReference and pass the reference."),
        };

    public static T[] Array<T>(T[] value, CopyContext context)
    {
        if (value.Length == 0)
            return value;
        if (Copier<T>.IsIdentity)
        {
            var same = (T[])value.Clone();
            context.Record(value, same);
            return same;
        }

        var copy = new T[value.Length];
        context.Record(value, copy);
        for (var i = 0; i < copy.Length; i++)
            copy[i] = Copier<T>.Copy(value[i], context);
        return copy;
    }

    public static T MultiArray<T>(T value, CopyContext context)
        where T : class
    {
        var source = (System.Array)(object)value;
        var copy = (System.Array)source.Clone();
        context.Record(value, copy);
        var element = Copier.For(typeof(T).GetElementType()!);
        if (!element.IsIdentity)
        {
            var index = new int[source.Rank];
            for (long n = 0; n < source.LongLength; n++)
            {
                var rest = n;
                for (var d = source.Rank - 1; d >= 0; d--)
                {
                    index[d] = (int)(rest % source.GetLength(d)) + source.GetLowerBound(d);
                    rest /= source.GetLength(d);
                }

                copy.SetValue(element.CopyObject(source.GetValue(index), context), index);
            }
        }

        return (T)(object)copy;
    }

    public static T? Nullable<T>(T? value, CopyContext context)
        where T : struct => value is { } some ? Copier<T>.Copy(some, context) : null;

    public static List<T> List<T>(List<T> value, CopyContext context)
    {
        var copy = new List<T>(value.Count);
        context.Record(value, copy);
        if (Copier<T>.IsIdentity)
        {
            copy.AddRange(value);
            return copy;
        }

        foreach (var item in value)
            copy.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static HashSet<T> HashSet<T>(HashSet<T> value, CopyContext context)
    {
        var copy = new HashSet<T>(value.Count, value.Comparer);
        context.Record(value, copy);
        foreach (var item in value)
            copy.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static SortedSet<T> SortedSet<T>(SortedSet<T> value, CopyContext context)
    {
        var copy = new SortedSet<T>(value.Comparer);
        context.Record(value, copy);
        foreach (var item in value)
            copy.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static Queue<T> Queue<T>(Queue<T> value, CopyContext context)
    {
        var copy = new Queue<T>(value.Count);
        context.Record(value, copy);
        foreach (var item in value)
            copy.Enqueue(Copier<T>.Copy(item, context));
        return copy;
    }

    public static Stack<T> Stack<T>(Stack<T> value, CopyContext context)
    {
        var copy = new Stack<T>(value.Count);
        context.Record(value, copy);
        foreach (var item in value.Reverse())
            copy.Push(Copier<T>.Copy(item, context));
        return copy;
    }

    public static ReadOnlyCollection<T> ReadOnlyCollection<T>(ReadOnlyCollection<T> value, CopyContext context) =>
        new([.. value.Select(item => Copier<T>.Copy(item, context))]);

    public static Dictionary<TKey, TValue> Dictionary<TKey, TValue>(Dictionary<TKey, TValue> value, CopyContext context)
        where TKey : notnull
    {
        var copy = new Dictionary<TKey, TValue>(value.Count, value.Comparer);
        context.Record(value, copy);
        foreach (var (key, item) in value)
            copy.Add(Copier<TKey>.Copy(key, context), Copier<TValue>.Copy(item, context));
        return copy;
    }

    public static SortedDictionary<TKey, TValue> SortedDictionary<TKey, TValue>(SortedDictionary<TKey, TValue> value, CopyContext context)
        where TKey : notnull
    {
        var copy = new SortedDictionary<TKey, TValue>(value.Comparer);
        context.Record(value, copy);
        foreach (var (key, item) in value)
            copy.Add(Copier<TKey>.Copy(key, context), Copier<TValue>.Copy(item, context));
        return copy;
    }

    public static ConcurrentDictionary<TKey, TValue> ConcurrentDictionary<TKey, TValue>(ConcurrentDictionary<TKey, TValue> value, CopyContext context)
        where TKey : notnull
    {
        var copy = new ConcurrentDictionary<TKey, TValue>(value.Comparer);
        context.Record(value, copy);
        foreach (var (key, item) in value)
            copy[Copier<TKey>.Copy(key, context)] = Copier<TValue>.Copy(item, context);
        return copy;
    }

    public static ImmutableArray<T> ImmutableArray<T>(ImmutableArray<T> value, CopyContext context)
    {
        if (value.IsDefaultOrEmpty)
            return value;
        var copy = System.Collections.Immutable.ImmutableArray.CreateBuilder<T>(value.Length);
        foreach (var item in value)
            copy.Add(Copier<T>.Copy(item, context));
        return copy.MoveToImmutable();
    }

    public static ImmutableList<T> ImmutableList<T>(ImmutableList<T> value, CopyContext context) =>
        [.. value.Select(item => Copier<T>.Copy(item, context))];

    public static ImmutableHashSet<T> ImmutableHashSet<T>(ImmutableHashSet<T> value, CopyContext context) =>
        System.Collections.Immutable.ImmutableHashSet.CreateRange(value.KeyComparer, value.Select(item => Copier<T>.Copy(item, context)));

    public static ImmutableSortedSet<T> ImmutableSortedSet<T>(ImmutableSortedSet<T> value, CopyContext context) =>
        System.Collections.Immutable.ImmutableSortedSet.CreateRange(value.KeyComparer, value.Select(item => Copier<T>.Copy(item, context)));

    public static ImmutableDictionary<TKey, TValue> ImmutableDictionary<TKey, TValue>(ImmutableDictionary<TKey, TValue> value, CopyContext context)
        where TKey : notnull =>
        System.Collections.Immutable.ImmutableDictionary.CreateRange(value.KeyComparer, value.ValueComparer, Pairs(value, context));

    public static ImmutableSortedDictionary<TKey, TValue> ImmutableSortedDictionary<TKey, TValue>(ImmutableSortedDictionary<TKey, TValue> value, CopyContext context)
        where TKey : notnull =>
        System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(value.KeyComparer, value.ValueComparer, Pairs(value, context));

    public static Memory<T> Memory<T>(Memory<T> value, CopyContext context) => Items(value.Span, context);

    public static ReadOnlyMemory<T> ReadOnlyMemory<T>(ReadOnlyMemory<T> value, CopyContext context) => Items(value.Span, context);

    public static ArraySegment<T> ArraySegment<T>(ArraySegment<T> value, CopyContext context) =>
        value.Array is null ? value : new ArraySegment<T>(Items<T>(value.AsSpan(), context));

    private static IEnumerable<KeyValuePair<TKey, TValue>> Pairs<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> value, CopyContext context) =>
        value.Select(pair => KeyValuePair.Create(Copier<TKey>.Copy(pair.Key, context), Copier<TValue>.Copy(pair.Value, context)));

    private static T[] Items<T>(ReadOnlySpan<T> value, CopyContext context)
    {
        var copy = value.ToArray();
        if (!Copier<T>.IsIdentity)
        {
            for (var i = 0; i < copy.Length; i++)
                copy[i] = Copier<T>.Copy(copy[i], context);
        }

        return copy;
    }
}
