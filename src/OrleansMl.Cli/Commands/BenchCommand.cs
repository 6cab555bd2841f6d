using System.CommandLine;
using System.Diagnostics;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>bench</c>: hands over to the benchmark project of the checkout.</summary>
internal sealed class BenchCommand(Terminal terminal)
{
    private readonly Argument<string[]> _words = new("NAME") { Description = "Benchmarks, and options of theirs.", Arity = ArgumentArity.ZeroOrMore };

    public Command Build()
    {
        var command = new Command("bench", "Run benchmarks; figures go to bench/results/NAME.json.") { _words };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var root = Repository.FindRoot();
        var project = root is null || !Directory.Exists(Path.Combine(root, "bench"))
            ? null
            : Directory.EnumerateFiles(Path.Combine(root, "bench"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault();
        if (project is null)
            throw CommandException.Missing("The benchmarks lie in the folder 'bench' of the checkout, and there is none above the current folder; run 'bench' inside it.");

        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, WorkingDirectory = root! };
        foreach (var word in (string[])["run", "-c", "Release", "--project", project, "--", .. parsed.GetValue(_words) ?? [], .. parsed.UnmatchedTokens])
            start.ArgumentList.Add(word);
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw CommandException.Missing($"'dotnet' cannot be started ({fault.Message}); the .NET 10 SDK is needed.");
        }

        using (process)
        {
            // The child gets the terminal's Ctrl-C as well: wait for it, whatever comes.
            using var interruption = new Interruption(cancellationToken);
            try
            {
                await process!.WaitForExitAsync(interruption.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                terminal.Error.WriteLine("Interrupted.");
                process!.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                return ExitCode.Failed;
            }

            return process.ExitCode == 0 ? ExitCode.Done : process.ExitCode is ExitCode.Invalid or ExitCode.PrerequisiteMissing ? process.ExitCode : ExitCode.Failed;
        }
    }
}
