using System.CommandLine;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary>Words that the script <c>orleansml</c> serves itself, before there is a program to run.</summary>
internal static class ScriptCommand
{
    public static Command Build(string name, string description, Terminal terminal)
    {
        var command = new Command(name, $"{description} Served by the script ./orleansml.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(_ =>
        {
            terminal.Error.WriteLine($"'{name}' belongs to the script: ./orleansml {name}. It needs bash (on Windows, WSL or Git Bash).");
            terminal.Error.WriteLine(name == "test"
                ? "Without bash: dotnet test OrleansMl.sln"
                : "Without bash nothing is lost on a complete package feed: it needs no stand-ins, and 'dotnet build OrleansMl.sln' is the real thing.");
            return ExitCode.PrerequisiteMissing;
        });
        return command;
    }
}
