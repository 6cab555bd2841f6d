using System.Diagnostics;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>The program run to its end.</summary>
/// <param name="ExitCode">0 done, 1 failed, 2 usage or invalid file, 3 a prerequisite is missing.</param>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    public static Task<ProgramRun> OfAsync(params string[] arguments) => OfAsync(TimeSpan.FromSeconds(60), arguments);

    /// <exception cref="TimeoutException">It did not end in time, and was killed.</exception>
    public static async Task<ProgramRun> OfAsync(TimeSpan patience, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments)) ?? throw new InvalidOperationException("The program did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', arguments)}' did not end within {patience}: {await output}{await error}");
        }

        return new ProgramRun(process.ExitCode, await output, await error);
    }

    public static ProcessStartInfo StartInfo(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Places.Program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // The server's own watch: it ends when the tests end, however they end.
        start.Environment["ORLEANSML_STOP_WITH_STDIN"] = "1";
        // A process of seconds compiles its code twice for a profile that it never profits from: an eighth of its time.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return start;
    }
}
