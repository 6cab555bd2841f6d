namespace OrleansMl.EndToEnd.Tests;

/// <summary>Where the program, the samples and the data lie.</summary>
internal static class Places
{
    /// <summary>The program under test; a project reference puts it beside the tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "OrleansMl.Cli.dll");

    /// <summary>The checkout.</summary>
    public static string Root { get; } = FindRoot();

    public static string Sample(string name) => Path.Combine(Root, "samples", name, "application.yaml");

    /// <summary>A file or folder of the data; the test is skipped, by this name, where it is not there.</summary>
    public static string DataOrSkip(string path)
    {
        var folder = Environment.GetEnvironmentVariable("ORLEANSML_DATA") ?? Path.GetFullPath(Path.Combine(Root, "..", "shared", "data"));
        var full = Path.Combine(folder, path);
        Skip.IfNot(Path.Exists(full), $"The data '{path}' is not there; set ORLEANSML_DATA to the folder that has it.");
        return full;
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "OrleansMl.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException("The tests do not lie in a checkout.");
    }
}
