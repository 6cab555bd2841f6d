namespace OrleansMl.Learning.Tests;

/// <summary>Finds the public data sets: ORLEANSML_DATA, or <c>shared/data</c> beside the repository.</summary>
internal static class SharedData
{
    /// <summary>Full path of a file; the test is skipped when it is absent.</summary>
    public static string Require(string relative)
    {
        var path = Folders().Select(folder => Path.Combine(folder, relative)).FirstOrDefault(File.Exists);
        Skip.If(path is null, $"The data file {relative} is absent; set ORLEANSML_DATA to the folder that holds it.");
        return path!;
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("ORLEANSML_DATA") is { Length: > 0 } set)
        {
            yield return set;
            yield break;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "shared", "data");
    }
}
