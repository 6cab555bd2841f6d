using System.Reflection;

namespace OrleansMl.Silo;

/// <summary>Which engine and runtime this build runs on.</summary>
public static class EngineInfo
{
    /// <summary><c>orleans</c>, or <c>standin</c> for the single-process engine.</summary>
    public static string Name { get; } = typeof(Grain).Assembly.GetName().Name!.Contains("StandIn", StringComparison.OrdinalIgnoreCase) ? "standin" : "orleans";

    /// <summary>Versions of the packages behind it.</summary>
    public static IReadOnlyDictionary<string, string> Packages { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["Microsoft.Orleans"] = VersionOf(typeof(Grain).Assembly),
        ["Microsoft.ML.OnnxRuntime"] = VersionOf(typeof(Microsoft.ML.OnnxRuntime.InferenceSession).Assembly),
    };

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version?.ToString() ?? "unknown";
}
