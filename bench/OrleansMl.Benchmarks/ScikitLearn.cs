using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Benchmarks;

/// <summary>One fit: seconds by the clock, seconds of the processor, area under the ROC curve.</summary>
internal readonly record struct FitFigures(double Seconds, double CpuSeconds, double Auc)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seconds:F2} s, processor {CpuSeconds:F2} s, AUC {Auc:F5}");
}

/// <summary>The script of the golden tests as a child process, where a Python has scikit-learn.</summary>
internal sealed class ScikitLearn
{
    private static readonly string[] s_pythons = ["/usr/bin/python3", "python3"];

    private readonly string _python;
    private readonly string _script;

    private ScikitLearn(string python, string script) => (_python, _script) = (python, script);

    /// <summary>Null where there is none, with the reason.</summary>
    public static ScikitLearn? Find(out string why)
    {
        var script = Path.Combine(BenchResults.FindRoot(), "tests", "OrleansMl.Learning.Tests", "Golden", "scripts", "hist_gradient_boosting.py");
        why = $"neither {string.Join(" nor ", s_pythons)} can import it";
        return s_pythons.FirstOrDefault(python => Run(python, ["-c", "import sklearn.ensemble"], 1) is not null) is { } found ? new ScikitLearn(found, script) : null;
    }

    /// <summary>Fits in a process of its own; the figures are of the fit alone.</summary>
    public FitFigures Fit(string[] arguments, int threads)
    {
        var answer = Run(_python, [_script, .. arguments], threads) ?? throw new InvalidOperationException($"{_script} failed.");
        using var figures = JsonDocument.Parse(answer.Trim().Split('\n')[^1]);
        double Number(string name) => figures.RootElement.GetProperty(name).GetDouble();
        return new FitFigures(Number("seconds"), Number("cpuSeconds"), Number("auc"));
    }

    private static string? Run(string python, string[] arguments, int threads)
    {
        try
        {
            var start = new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true };
            start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
            using var process = Process.Start(start)!;
            var answer = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? answer : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
