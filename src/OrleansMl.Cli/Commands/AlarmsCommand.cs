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
    private readonly Option<Uri?> _url = SharedOptions.Url($"Server (default {SharedOptions.DefaultServer}).");

    public Command Build()
    {
        var command = new Command("alarms", "List a model's alarms of drift, newest first.") { _model, _state, _monitor, _limit, _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    /// <summary>A member as text; a dash where it is null.</summary>
    internal static string Text(JsonElement element, string name) =>
        element.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : "-";

    /// <summary>Series, statistic, threshold and p-value; dashes where there is none.</summary>
    internal static string[] Evidence(JsonElement evidence) => evidence.ValueKind == JsonValueKind.Null
        ? ["-", "-", "-", "-"]
        : [Text(evidence, "series"), Number(evidence, "statistic"), Number(evidence, "threshold"), Number(evidence, evidence.GetProperty("correctedPValue").ValueKind == JsonValueKind.Null ? "pValue" : "correctedPValue")];

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(parsed.GetValue(_url) ?? SharedOptions.DefaultServer);
        var query = string.Create(CultureInfo.InvariantCulture, $"/api/v1/models/{Uri.EscapeDataString(parsed.GetRequiredValue(_model))}/alarms?limit={parsed.GetValue(_limit) ?? 20}")
            + (parsed.GetValue(_state) is { } state ? $"&state={Uri.EscapeDataString(state)}" : "")
            + (parsed.GetValue(_monitor) is { } monitor ? $"&monitor={Uri.EscapeDataString(monitor)}" : "");
        ApiAnswer answer;
        try
        {
            answer = connection.Get(query, cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException)
        {
            throw connection.Unreachable(fault);
        }

        if (!answer.IsSuccess)
            throw CommandException.Failed(answer.Fault);
        using var document = JsonDocument.Parse(answer.Body);
        string[][] rows = [.. document.RootElement.GetProperty("items").EnumerateArray().Select(RowOf)];
        terminal.WriteTable(new TextTable(["alarm", "monitor", "on", "state", "raised", "series", "worst", "statistic", "threshold", "p", "seen by"], rows) { RightAligned = new HashSet<int> { 7, 8, 9 } });
        return ExitCode.Done;
    }

    private static string[] RowOf(JsonElement alarm) =>
    [
        Text(alarm, "id"), Text(alarm, "monitor"), Text(alarm, "on"), Text(alarm, "state"), Text(alarm, "raised"),
        $"{alarm.GetProperty("pastCount")}/{alarm.GetProperty("judgedCount")}",
        .. Evidence(alarm.GetProperty("evidence")[0]), Text(alarm, "acknowledgedBy"),
    ];

    private static string Number(JsonElement element, string name) =>
        element.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble().ToString("G4", CultureInfo.InvariantCulture) : "-";
}
