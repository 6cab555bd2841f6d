using System.Reflection;

namespace Orleans.Runtime;

/// <summary>What the public engine's compiler refuses, refused at first use.</summary>
internal static class InterfaceRules
{
    public static void Check(Type type)
    {
        if (!type.IsInterface || !typeof(IAddressable).IsAssignableFrom(type))
            throw new ArgumentException($"{type} is not a grain interface: it must be an interface derived from IGrain, IGrainObserver or IGrainExtension.");
        if (type.ContainsGenericParameters)
            throw new ArgumentException($"{type} is an open generic interface; name its type arguments.");
        var observer = typeof(IGrainObserver).IsAssignableFrom(type);
        foreach (var declaring in type.GetInterfaces().Append(type))
        {
            if (declaring.GetProperties(BindingFlags.Instance | BindingFlags.Public).Any(p => (p.GetMethod ?? p.SetMethod)!.IsAbstract))
                throw Refused(type, declaring, "has a property; grain interfaces have methods only");
            foreach (var method in declaring.GetMethods(BindingFlags.Instance | BindingFlags.Public).Where(m => m.IsAbstract))
                CheckMethod(type, declaring, method, observer);
        }
    }

    private static void CheckMethod(Type type, Type declaring, MethodInfo method, bool observer)
    {
        if (!IsReturnType(method.ReturnType) && !(method.ReturnType == typeof(void) && (observer || method.IsDefined(typeof(Concurrency.OneWayAttribute)))))
        {
            throw Refused(type, declaring, $"returns {method.ReturnType} from {method.Name}; a grain method returns Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>"
                + " (void on observers and one-way methods only)");
        }

        var parameters = method.GetParameters();
        if (parameters.Any(p => p.ParameterType.IsByRef))
            throw Refused(type, declaring, $"has a ref, in or out parameter in {method.Name}; return a result instead");
        if (parameters.Count(p => p.ParameterType == typeof(CancellationToken)) > 1)
            throw Refused(type, declaring, $"has more than one CancellationToken in {method.Name}; keep one, as the last parameter");
    }

    private static bool IsReturnType(Type type) =>
        type == typeof(Task) || type == typeof(ValueTask)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>)
            || type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));

    private static NotSupportedException Refused(Type type, Type declaring, string fault) =>
        new(type == declaring ? $"Grain interface {type} {fault}." : $"Grain interface {type} (by {declaring}) {fault}.");
}
