using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>The command <c>replay</c>, and the files that it writes.</summary>
internal static class Replays
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Runs it to its end, checks every file, and answers with the summary.</summary>
    public static async Task<JsonElement> RunAsync(string output, int rows, params string[] arguments)
    {
        var run = await ProgramRun.OfAsync(Patience, ["replay", .. arguments, "--limit", rows.ToString(CultureInfo.InvariantCulture), "--out", output]);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);

        var answers = File.ReadAllLines(Path.Combine(output, "predictions.ndjson"));
        Assert.Equal(rows, answers.Length);
        for (var row = 0; row < rows; row++)
        {
            using var answer = JsonDocument.Parse(answers[row]);
            Assert.Equal(["row", "predictionId", "modelVersion", "score", "label", "truth", "frozenLabel"], answer.RootElement.EnumerateObject().Select(m => m.Name));
            Assert.Equal(row, answer.RootElement.GetProperty("row").GetInt32());
            Assert.NotEmpty(answer.RootElement.GetProperty("predictionId").GetString()!);
        }

        Assert.Equal("svg", XDocument.Load(Path.Combine(output, "accuracy.svg")).Root!.Name.LocalName);
        using var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "summary.json")));
        return summary.RootElement.Clone();
    }
}
