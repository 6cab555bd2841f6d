using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Metadata;

/// <summary>The types of the assemblies that use this engine: those loaded, what they refer to, and what lies beside them.</summary>
internal static class ApplicationTypes
{
    private static readonly string Self = typeof(ApplicationTypes).Assembly.GetName().Name!;
    private static readonly ConcurrentDictionary<Assembly, Type[]> Types = new();
    private static readonly Lock Gate = new();
    private static bool s_folderSeen;

    public static IEnumerable<Type> All()
    {
        LoadFolder();
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.IsDynamic || !Uses(assembly))
                continue;
            foreach (var type in Types.GetOrAdd(assembly, Read))
                yield return type;
        }
    }

    private static bool Uses(Assembly assembly) =>
        assembly == typeof(ApplicationTypes).Assembly || assembly.GetReferencedAssemblies().Any(r => r.Name == Self);

    private static Type[] Read(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException partial)
        {
            return [.. partial.Types.OfType<Type>()];
        }
    }

    /// <summary>An assembly of grains that nothing has touched yet is not loaded; the public engine finds it as an application part.</summary>
    private static void LoadFolder()
    {
        lock (Gate)
        {
            if (s_folderSeen)
                return;
            s_folderSeen = true;
            var pending = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic && Uses(a)));
            var seen = new HashSet<string>(AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name ?? ""));
            while (pending.TryDequeue(out var assembly))
            {
                foreach (var reference in assembly.GetReferencedAssemblies())
                {
                    if (reference.Name is not { } name || name.StartsWith("System", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal) || !seen.Add(name))
                        continue;
                    try
                    {
                        var loaded = Assembly.Load(reference);
                        if (Uses(loaded))
                            pending.Enqueue(loaded);
                    }
                    catch (Exception error) when (error is FileNotFoundException or FileLoadException or BadImageFormatException)
                    {
                        // A reference that is not deployed cannot hold grains that run here.
                    }
                }
            }
        }
    }
}
