using System.CommandLine;
using OrleansMl.Cli.Commands;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.CommandLine;

/// <summary>The words of <c>oml</c>: parses them, runs the command, and turns faults into exit codes.</summary>
internal sealed class OmlCommandLine
{
    private readonly Terminal _terminal;
    private readonly RootCommand _root;

    public OmlCommandLine(Terminal terminal, Func<string, string?> environment)
    {
        _terminal = terminal;
        _root = new RootCommand("OrleansMl: events in, features per client, prediction, late outcome, online learning, promotion.")
        {
            new UpCommand(environment).Build(),
            new ApplyCommand(terminal).Build(),
            new ReplayCommand(terminal).Build(),
            new DemoCommand(terminal, environment).Build(),
            new ModelsCommand(terminal).Build(),
            new LearnerCommand(terminal).Build(),
            new MonitorsCommand(terminal).Build(),
            new AlarmsCommand(terminal).Build(),
            new RetrainingCommand(terminal).Build(),
            new RolloutCommand(terminal).Build(),
            new RolloutsCommand(terminal).Build(),
            new ScoreCommand(terminal).Build(),
            new UploadCommand(terminal).Build(),
            new PredictionsCommand(terminal).Build(),
            new EvaluateCommand(terminal).Build(),
            new RetrainCommand(terminal).Build(),
            new FineTuneCommand(terminal).Build(),
            new LineageCommand(terminal).Build(),
            new JobsCommand(terminal).Build(),
            new DatasetsCommand(terminal).Build(),
            new BenchCommand(terminal).Build(),
            ScriptCommand.Build("doctor", "Which package is real or a stand-in, and why.", terminal),
            ScriptCommand.Build("test", "Tests.", terminal),
        };
    }

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var parsed = _root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                _terminal.Error.WriteLine(error.Message);
            _terminal.Error.WriteLine($"See '{string.Join(' ', CommandPath(parsed))} --help'.");
            return ExitCode.Invalid;
        }

        try
        {
            // Signals are the commands' own: the server drains, a replay stops its server.
            var invocation = new InvocationConfiguration
            {
                Output = _terminal.Out,
                Error = _terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
        }
        catch (CommandException fault)
        {
            _terminal.Error.WriteLine(fault.Message);
            return fault.ExitCode;
        }
        catch (OperationCanceledException)
        {
            _terminal.Error.WriteLine("Interrupted.");
            return ExitCode.Failed;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            _terminal.Error.WriteLine(fault.Message);
            return ExitCode.Failed;
        }
    }

    private static IEnumerable<string> CommandPath(ParseResult parsed)
    {
        yield return "oml";
        if (parsed.CommandResult.Command is not RootCommand)
            yield return parsed.CommandResult.Command.Name;
    }
}
