using Orleans.Runtime;

namespace OrleansMl.Testing;

/// <summary>Which engine the tests run on.</summary>
internal static class EngineInfo
{
    /// <summary><c>orleans</c> (the public packages) or <c>standin</c> (standins/Orleans).</summary>
    public static string Name { get; } =
        typeof(IPersistentState<>).Assembly.GetName().Name!.Contains("StandIns", StringComparison.Ordinal) ? "standin" : "orleans";

    public static bool IsStandIn => Name == "standin";

    /// <summary>Silos of a test cluster: two, so that calls cross between them; the stand-in is one silo.</summary>
    public static short Silos => (short)(IsStandIn ? 1 : 2);
}
