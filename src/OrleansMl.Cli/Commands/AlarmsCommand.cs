using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>alarms MODEL</c>: alarms of drift, newest first, with the worst series of each.</summary>
internal sealed class AlarmsCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Option<string?> _state = new("--state") { Description = "Only alarms in this state: raised or ended.", HelpName = "STATE" };
    private readonly Option<string?> _monitor = new("--monitor") { Description = "Only alarms of this monitor.", HelpName = "M" };
    private readonly Option<int?> _limit = SharedOptions.Number("--limit", "At most so many, the newest (default 20).", 1, 1000);
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("alarms", "List a model's alarms of drift, newest first.") { _model, _state, _monitor, _limit, _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var query = string.Create(CultureInfo.InvariantCulture, $"/api/v1/models/{Uri.EscapeDataString(parsed.GetRequiredValue(_model))}/alarms?limit={parsed.GetValue(_limit) ?? 20}")
            + (parsed.GetValue(_state) is { } state ? $"&state={Uri.EscapeDataString(state)}" : "")
            + (parsed.GetValue(_monitor) is { } monitor ? $"&monitor={Uri.EscapeDataString(monitor)}" : "");
        string[][] rows = [.. connection.GetJson(query, cancellationToken).GetProperty("items").EnumerateArray().Select(RowOf)];
        terminal.WriteTable(new TextTable(["alarm", "monitor", "on", "state", "raised", "series", "worst", "statistic", "threshold", "p", "seen by"], rows) { RightAligned = new HashSet<int> { 7, 8, 9 } });
        return ExitCode.Done;
    }

    private static string[] RowOf(JsonElement alarm) =>
    [
        Cells.Text(alarm, "id"), Cells.Text(alarm, "monitor"), Cells.Text(alarm, "on"), Cells.Text(alarm, "state"), Cells.Text(alarm, "raised"),
        $"{alarm.GetProperty("pastCount")}/{alarm.GetProperty("judgedCount")}",
        .. Cells.Drift(alarm.GetProperty("evidence")[0]), Cells.Text(alarm, "acknowledgedBy"),
    ];
}
