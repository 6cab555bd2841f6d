namespace OrleansMl.Cli.Data;

/// <summary>The checkout that this program was built in, for the samples and benchmarks that lie in it.</summary>
internal static class Repository
{
    private const string Mark = "OrleansMl.sln";

    /// <summary>Nearest folder with the solution, above the current folder or above the program; null: none.</summary>
    public static string? FindRoot() => Above(Directory.GetCurrentDirectory()) ?? Above(AppContext.BaseDirectory);

    private static string? Above(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, Mark)))
                return at.FullName;
        }

        return null;
    }
}
