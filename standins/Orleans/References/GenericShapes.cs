using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>The shapes of generic methods, per list of type arguments.</summary>
internal static class GenericShapes
{
    private static readonly ConcurrentDictionary<(MethodShape Definition, string Arguments), MethodShape> Made = new();

    public static MethodShape Of(MethodShape definition, Type[] typeArguments) =>
        Made.GetOrAdd(
            (definition, string.Join('|', typeArguments.Select(t => t.AssemblyQualifiedName))),
            _ => MethodShape.Create(definition.Interface, definition.Method.MakeGenericMethod(typeArguments)));
}

/// <summary>Stands for a generic method until its type arguments are known.</summary>
internal sealed class OpenMethodShape(Type interfaceType, System.Reflection.MethodInfo method) : MethodShape(interfaceType, method);
