using System.Diagnostics;
using System.Globalization;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>Processes that train for a job, by their command lines.</summary>
internal static class TrainingProcesses
{
    /// <summary>Those of the program itself, not of what guards it.</summary>
    public static List<int> Of(string job)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
                if (line[0].EndsWith("OrleansMl.Training", StringComparison.Ordinal) && line.Any(word => word.Contains(job, StringComparison.Ordinal)))
                    found.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is another user's.
            }
        }

        return found;
    }

    public static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }
}
