using System.CommandLine;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>rollouts MODEL</c>: the rollouts of a model, with what they wait for or why they ended.</summary>
internal sealed class RolloutsCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("rollouts", "List a model's rollouts.") { _model, _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var model = parsed.GetRequiredValue(_model);
        string[][] rows = [.. new PagedList(connection, $"/api/v1/models/{Uri.EscapeDataString(model)}/rollouts").Read(cancellationToken).Select(RowOf)];
        if (rows.Length == 0)
            terminal.Error.WriteLine($"'{model}' has no rollouts.");
        else
            terminal.WriteTable(new TextTable(["rollout", "candidate", "champion", "state", "share", "by", "why"], rows));
        return ExitCode.Done;
    }

    private static string[] RowOf(JsonElement rollout) =>
    [
        Cells.Text(rollout, "id"),
        Cells.Text(rollout, "candidate"),
        Cells.Text(rollout, "champion"),
        Cells.Text(rollout, "state"),
        Cells.Number(rollout.GetProperty("weight"), "0.##%"),
        Cells.Text(rollout, "by"),
        Cells.Text(rollout, "why"),
    ];
}
