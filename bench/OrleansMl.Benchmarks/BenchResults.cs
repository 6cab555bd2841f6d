using System.Text.Json;

namespace OrleansMl.Benchmarks;

/// <summary>One figure with its baseline from the same run.</summary>
internal sealed record BenchResult(string Name, double Value, string Unit, double? Baseline, double? Ratio, string Engine);

/// <summary>Writes <c>bench/results/NAME.json</c>.</summary>
internal static class BenchResults
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Write(string name, IReadOnlyList<BenchResult> results)
    {
        var folder = Path.Combine(FindRoot(), "bench", "results");
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, name + ".json");
        File.WriteAllText(file, JsonSerializer.Serialize(results, s_json));
        return file;
    }

    public static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansMl.sln")))
                return folder.FullName;
        }

        return Environment.CurrentDirectory;
    }
}
