using System.Diagnostics;
using System.Text;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>
/// Client programs that others wrote, made ready once under <c>.oml/clients</c>. A test that needs one is skipped, by its name and with the
/// reason, where it cannot be had.
/// </summary>
internal static class ForeignClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly SemaphoreSlim Gate = new(1, 1);

    private static string Folder { get; } = Path.Combine(Places.Root, ".oml", "clients");

    private static string Wheels { get; } = Environment.GetEnvironmentVariable("ORLEANSML_WHEELS") ?? Path.GetFullPath(Path.Combine(Places.Root, "..", "shared", "wheels"));

    /// <summary>A Python that has NVIDIA's client for HTTP and gRPC.</summary>
    public static Task<string> PythonOrSkipAsync() => OnceAsync("tritonclient", async folder =>
    {
        if (Environment.GetEnvironmentVariable("ORLEANSML_PYTHON") is { Length: > 0 } given)
            return given;
        var wheel = Wheel("tritonclient-*-py3-none-any.whl");
        var python = Path.Combine(folder, "bin", "python");
        if (!File.Exists(Path.Combine(folder, "complete")))
        {
            await RunOrSkipAsync("tritonclient", "/usr/bin/python3", "-m", "venv", "--system-site-packages", folder);
            await RunOrSkipAsync("tritonclient", python, "-m", "pip", "install", "-q", "--no-index", "--find-links", Wheels, $"tritonclient[http,grpc]=={Path.GetFileName(wheel).Split('-')[1]}");
            await File.WriteAllTextAsync(Path.Combine(folder, "complete"), "");
        }

        return python;
    });

    /// <summary>NVIDIA's load generator, and the folder of the library it needs.</summary>
    public static async Task<(string Program, string Libraries)> PerfAnalyzerOrSkipAsync()
    {
        var folder = await OnceAsync("perf_analyzer", async folder =>
        {
            if (!Directory.Exists(Path.Combine(folder, "nvidia")))
            {
                Directory.CreateDirectory(folder);
                await RunOrSkipAsync("perf_analyzer", "/usr/bin/python3", "-m", "zipfile", "-e", Wheel("tritonclient-*-manylinux1_x86_64.whl"), folder);
                await RunOrSkipAsync("perf_analyzer", "/usr/bin/python3", "-m", "zipfile", "-e", Wheel("nvidia_cuda_runtime_cu12-*.whl"), folder);
            }

            return folder;
        });
        var program = Directory.EnumerateFiles(folder, "perf_analyzer", SearchOption.AllDirectories).Single();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        var libraries = Path.Combine(folder, "nvidia", "cuda_runtime", "lib");
        var version = await RunAsync(program, [], [("LD_LIBRARY_PATH", libraries)]);
        Skip.If(version.Said.Contains("error while loading shared libraries", StringComparison.Ordinal), $"perf_analyzer does not start: {version.Said}");
        return (program, libraries);
    }

    /// <summary>A folder from which Node.js finds @grpc/grpc-js and @grpc/proto-loader.</summary>
    public static Task<string> GrpcJsOrSkipAsync() => OnceAsync("grpc-js", async folder =>
    {
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@grpc", "proto-loader")))
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true}""");
            await RunOrSkipAsync("grpc-js", "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "@grpc/grpc-js@1.14.7", "@grpc/proto-loader@0.8.1");
        }

        return folder;
    });

    /// <summary>Runs a program to its end; what it said on both outputs.</summary>
    public static async Task<(int Code, string Said)> RunAsync(string program, IEnumerable<string> arguments, (string Name, string Value)[]? environment = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        var said = new StringBuilder();
        void Hear(object _, DataReceivedEventArgs line)
        {
            lock (said)
                said.AppendLine(line.Data);
        }

        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return (127, exception.Message);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {Patience}: {said}");
        }

        lock (said)
            return (process.ExitCode, said.ToString());
    }

    private static async Task<string> OnceAsync(string name, Func<string, Task<string>> make)
    {
        await Gate.WaitAsync();
        try
        {
            return await make(Path.Combine(Folder, name));
        }
        finally
        {
            Gate.Release();
        }
    }

    private static async Task RunOrSkipAsync(string what, string program, params string[] arguments)
    {
        var (code, said) = await RunAsync(program, arguments);
        Skip.If(code != 0, $"{what} cannot be had here: {program} ended with {code}: {said}");
    }

    private static string Wheel(string pattern)
    {
        var wheel = Directory.Exists(Wheels) ? Directory.EnumerateFiles(Wheels, pattern).Order(StringComparer.Ordinal).LastOrDefault() : null;
        Skip.If(wheel is null, $"There is no {pattern} in {Wheels}; set ORLEANSML_WHEELS to the folder that has it.");
        return wheel!;
    }
}
