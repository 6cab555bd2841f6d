using System.Reflection;

namespace OrleansMl.Testing;

/// <summary>Real models and vectors: under <c>ORLEANSML_DATA</c>, or in <c>shared/data</c> beside the repository.</summary>
internal static class TestData
{
    private static readonly string? s_root = FindRoot();

    /// <summary>The file's bytes; the test is skipped where there are no data.</summary>
    public static byte[] Read(string relativePath)
    {
        var path = s_root is null ? null : Path.Combine(s_root, relativePath);
        Skip.If(path is null || !File.Exists(path), $"There is no '{relativePath}'; set ORLEANSML_DATA to the folder with the data sets.");
        return File.ReadAllBytes(path!);
    }

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable("ORLEANSML_DATA") is { Length: > 0 } given)
            return given;
        for (var folder = new DirectoryInfo(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
