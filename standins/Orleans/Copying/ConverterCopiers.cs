using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Metadata;

namespace Orleans.Serialization;

/// <summary>Types of somebody else that travel through a <c>[RegisterConverter]</c> surrogate.</summary>
internal static class ConverterCopiers
{
    private static readonly ConcurrentDictionary<Type, Type?> Converters = new();

    public static Delegate? TryBuild(Type type)
    {
        var converter = Converters.GetOrAdd(type, Find);
        if (converter is null)
            return null;
        var contract = Contract(converter, type)!;
        var method = typeof(ConverterCopiers).GetMethod(nameof(Make), BindingFlags.Static | BindingFlags.NonPublic)!;
        return (Delegate)method.MakeGenericMethod(contract.GetGenericArguments()).Invoke(null, [Activator.CreateInstance(converter)!])!;
    }

    private static Type? Find(Type type)
    {
        foreach (var candidate in ApplicationTypes.All())
        {
            if (!candidate.IsDefined(typeof(RegisterConverterAttribute), inherit: false))
                continue;
            if (candidate.IsGenericTypeDefinition)
            {
                if (type.IsGenericType && candidate.GetGenericArguments().Length == type.GetGenericArguments().Length
                    && candidate.MakeGenericType(type.GetGenericArguments()) is var made && Contract(made, type) is not null)
                    return made;
            }
            else if (Contract(candidate, type) is not null)
            {
                return candidate;
            }
        }

        return null;
    }

    private static Type? Contract(Type converter, Type value) =>
        converter.GetInterfaces().FirstOrDefault(i =>
            i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConverter<,>) && i.GetGenericArguments()[0] == value);

    private static Func<TValue, CopyContext, TValue> Make<TValue, TSurrogate>(IConverter<TValue, TSurrogate> converter)
        where TSurrogate : struct => (value, context) =>
        {
            var surrogate = Copier<TSurrogate>.Copy(converter.ConvertToSurrogate(in value), context);
            return converter.ConvertFromSurrogate(in surrogate);
        };
}
