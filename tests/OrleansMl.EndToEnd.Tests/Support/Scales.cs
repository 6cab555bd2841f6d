namespace OrleansMl.EndToEnd.Tests;

/// <summary>How much a test does: little in a quick run, more where OML_TEST_ALL is 1.</summary>
internal static class Scales
{
    public static bool All { get; } = Environment.GetEnvironmentVariable("OML_TEST_ALL") == "1";

    public static T Of<T>(T quick, T full) => All ? full : quick;
}
