using System.CommandLine;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>retraining MODEL</c>: the triggers that retrain a model; pauses and resumes them.</summary>
internal sealed class RetrainingCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Option<bool> _pause = new("--pause") { Description = "Begin no retraining until it is resumed." };
    private readonly Option<bool> _resume = new("--resume") { Description = "Begin retrainings again." };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("retraining", "Show when a model is retrained, and what each trigger began.") { _model, _pause, _resume, _url };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_pause) && result.GetValue(_resume))
                result.AddError("Give --pause or --resume, not both.");
        });
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var path = $"/api/v1/models/{Uri.EscapeDataString(parsed.GetRequiredValue(_model))}/retraining";
        var command = parsed.GetValue(_pause) ? "/pause" : parsed.GetValue(_resume) ? "/resume" : null;
        var status = command is null ? connection.GetJson(path, cancellationToken) : connection.PostJson(path + command, default, cancellationToken);
        string[][] rows = [.. status.GetProperty("triggers").EnumerateArray().Select(RowOf)];
        terminal.WriteTable(new TextTable(["trigger", "next", "pending", "last", "state", "job"], rows));
        if (status.GetProperty("paused").GetBoolean())
            terminal.Out.WriteLine($"Paused by {Cells.Text(status, "pausedBy")}.");
        if (status.GetProperty("current").GetString() is { } current)
            terminal.Out.WriteLine($"Job {current} retrains it now.");
        return ExitCode.Done;
    }

    private static string[] RowOf(JsonElement trigger)
    {
        var next = trigger switch
        {
            _ when trigger.GetProperty("reason").GetString() is { } reason => reason,
            _ when trigger.GetProperty("every").ValueKind == JsonValueKind.Number => $"{Cells.Text(trigger, "outcomes")} of {Cells.Text(trigger, "every")}",
            _ when trigger.GetProperty("cooldownUntil").ValueKind == JsonValueKind.String => "not before " + Cells.Text(trigger, "cooldownUntil"),
            _ => Cells.Text(trigger, "next"),
        };
        var last = trigger.GetProperty("last");
        string[] told = last.ValueKind == JsonValueKind.Null ? ["-", "-", "-"] : [Cells.Text(last, "at"), Cells.Text(last, "state"), Cells.Text(last, "job")];
        return [Cells.Text(trigger, "trigger"), next, trigger.GetProperty("pending").GetBoolean() ? "yes" : "no", .. told];
    }
}
