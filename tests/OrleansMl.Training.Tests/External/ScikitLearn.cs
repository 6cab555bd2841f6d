using System.Diagnostics;

namespace OrleansMl.Training.Tests.External;

/// <summary>scikit-learn and onnx of the system's Python, and skl2onnx unpacked once under <c>.oml/clients</c>; a test is skipped, with the reason, where one is missing.</summary>
internal static class ScikitLearn
{
    public const string Python = "/usr/bin/python3";

    private static readonly Lazy<(string Path, string? Missing)> s_found = new(Find);

    /// <summary>What PYTHONPATH must be.</summary>
    public static string PathOrSkip()
    {
        Skip.If(s_found.Value.Missing is not null, $"scikit-learn's trainer cannot be had: {s_found.Value.Missing}");
        return s_found.Value.Path;
    }

    private static (string Path, string? Missing) Find()
    {
        if (!File.Exists(Python))
            return ("", $"there is no {Python}");
        var folder = Path.Combine(TrainerFixture.Root, ".oml", "clients", "skl2onnx");
        var wheels = Environment.GetEnvironmentVariable("ORLEANSML_WHEELS") ?? Path.GetFullPath(Path.Combine(TrainerFixture.Root, "..", "shared", "wheels"));
        if (!Directory.Exists(Path.Combine(folder, "skl2onnx")))
        {
            // Both are Python alone, so unpacking them installs them.
            var files = Directory.Exists(wheels) ? Directory.GetFiles(wheels, "skl2onnx-*.whl").Concat(Directory.GetFiles(wheels, "onnxconverter_common-*.whl")).ToArray() : [];
            if (files.Length != 2)
                return ("", $"the wheels skl2onnx and onnxconverter_common are not in {wheels}");
            foreach (var file in files)
                Run("-m", "zipfile", "-e", file, folder);
        }

        var (code, said) = Run("-c", $"import sys; sys.path.insert(0, '{folder}'); import sklearn, onnx, skl2onnx");
        return (folder, code == 0 ? null : said.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() + " (python3-sklearn, python3-onnx)");
    }

    private static (int Code, string Said) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
