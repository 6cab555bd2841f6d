using System.CommandLine;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>monitors MODEL</c>: how the monitors of a model stand.</summary>
internal sealed class MonitorsCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("monitors", "Show how a model's monitors of drift stand.") { _model, _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var list = new PagedList(connection, $"/api/v1/models/{Uri.EscapeDataString(parsed.GetRequiredValue(_model))}/monitors");
        string[][] rows = [.. list.Read(cancellationToken).Select(RowOf)];
        terminal.WriteTable(new TextTable(["monitor", "on", "detector", "state", "rows", "alarms", "worst", "statistic", "threshold", "p"], rows) { RightAligned = new HashSet<int> { 4, 5, 7, 8, 9 } });
        return ExitCode.Done;
    }

    private static string[] RowOf(JsonElement monitor)
    {
        var worst = monitor.GetProperty("worst");
        return
        [
            Cells.Text(monitor, "name"), Cells.Text(monitor, "on"), Cells.Text(monitor, "detector"), Cells.Text(monitor, "state"),
            Cells.Text(monitor, "rows"), Cells.Text(monitor, "alarms"), .. Cells.Drift(worst),
        ];
    }
}
