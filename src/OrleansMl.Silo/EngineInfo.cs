using System.Reflection;
using OrleansMl.Inference;

namespace OrleansMl.Silo;

/// <summary>Which engine and runtime this build runs on.</summary>
public static class EngineInfo
{
    /// <summary><c>orleans</c>, or <c>standin</c> for the single-process engine.</summary>
    public static string Name { get; } = typeof(Grain).Assembly.GetName().Name!.Contains("StandIn", StringComparison.OrdinalIgnoreCase) ? "standin" : "orleans";

    /// <summary>Versions of the packages behind it; of ONNX Runtime the native library's.</summary>
    public static IReadOnlyDictionary<string, string> Packages { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["Microsoft.Orleans"] = Name == "orleans" ? VersionOf(typeof(Grain).Assembly) : "stand-in",
        ["Microsoft.ML.OnnxRuntime"] = OnnxRuntimeVersion.Text,
    };

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+', ' ')[0].TrimEnd('.') ?? assembly.GetName().Version?.ToString() ?? "unknown";
}
