using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Copies values of one type, known at run time only.</summary>
internal abstract class Copier
{
    private static readonly ConcurrentDictionary<Type, Copier> ByType = new();

    /// <summary>Values of this type are never changed: the copy is the value.</summary>
    public abstract bool IsIdentity { get; }

    public static Copier For(Type type) =>
        ByType.TryGetValue(type, out var copier)
            ? copier
            : ByType.GetOrAdd(type, static t => (Copier)Activator.CreateInstance(typeof(BoxedCopier<>).MakeGenericType(t))!);

    public abstract object? CopyObject(object? value, CopyContext context);

    private sealed class BoxedCopier<T> : Copier
    {
        public override bool IsIdentity => Copier<T>.IsIdentity;

        public override object? CopyObject(object? value, CopyContext context) => value is null ? null : Copier<T>.Copy((T)value, context);
    }
}

/// <summary>Copies values whose static type is <typeparamref name="T"/>; built once per type.</summary>
internal static class Copier<T>
{
    private static readonly bool Polymorphic = !typeof(T).IsValueType && !typeof(T).IsSealed;
    private static Func<T, CopyContext, T>? s_copy;

    public static bool IsIdentity { get; } = CopyRules.IsIdentity(typeof(T));

    public static T Copy(T value, CopyContext context)
    {
        if (IsIdentity)
            return value;
        if (typeof(T).IsValueType)
            return Own(value, context);
        if (value is null)
            return value;
        if (Polymorphic && value.GetType() != typeof(T))
            return (T)Copier.For(value.GetType()).CopyObject(value, context)!;
        if (context.Find(value) is { } known)
            return (T)known;
        return Own(value, context);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Own(T value, CopyContext context) => (s_copy ??= (Func<T, CopyContext, T>)CopyRules.Build(typeof(T)))(value, context);
}
