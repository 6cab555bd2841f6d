using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>retrain MODEL</c>: makes a version of a model from its log or from a file, and says what became of it.</summary>
internal sealed class RetrainCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of a model that an application declares." };
    private readonly Option<bool> _wait = new("--wait") { Description = "Follow it to its end, and end by what became of the version: 0 promoted, rolling out, or registered as asked; 1 failed; 4 rejected, as it is not better." };
    private readonly Option<string?> _dataset = new("--dataset") { Description = "Learn from this file (.csv, .ndjson, .jsonl), or from the data set of this id, in place of the log.", HelpName = "FILE|ID" };
    private readonly Option<string?> _trainer = new("--trainer") { Description = "{\"type\": …, \"params\": {…}}, or @FILE with it (default: as declared).", HelpName = "JSON|@FILE" };
    private readonly Option<string?> _window = new("--window") { Description = "Stretch of the log: a length such as 30d, or FROM..TO (RFC 3339), of which either may be left out.", HelpName = "WINDOW" };
    private readonly Option<string?> _params = new("--params") { Description = "Parameters as a JSON object: split, minRows, promote, threads, label, weight.", HelpName = "JSON" };
    private readonly Option<bool> _register = new("--register") { Description = "Only register the version, whatever it is worth." };
    private readonly Option<long?> _seed = new("--seed") { Description = "Seed of everything random.", HelpName = "N" };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("retrain", "Make a version of a model from its log or from a file.") { _model, _wait, _dataset, _trainer, _window, _params, _register, _seed, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        using var client = new JobClient(SharedOptions.ServerOf(parsed, _url));
        var body = await BodyAsync(client, parsed, interruption.Token).ConfigureAwait(false);
        return await client.RunAsync(terminal, "retrain", body, parsed.GetValue(_wait), interruption.Token).ConfigureAwait(false) is { } result ? Tell(result) : ExitCode.Done;
    }

    /// <summary>What became of it, with the figures of the test.</summary>
    private int Tell(JsonElement result)
    {
        foreach (var warning in result.GetProperty("warnings").EnumerateArray())
            terminal.Error.WriteLine(warning.GetString());
        terminal.WriteTable(new TextTable(["metric", "of", "value", "low", "high"], [.. result.GetProperty("results").EnumerateArray().Select(RowOf)]) { RightAligned = new HashSet<int> { 2, 3, 4 } });
        var decision = result.GetProperty("decision").GetString()!;
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"version {result.GetProperty("version").GetString()}, of {result.GetProperty("rows").GetInt64()} rows: {decision.Replace('_', ' ')}, {result.GetProperty("reason").GetString()}"));
        return decision == "rejected" ? ExitCode.Rejected : ExitCode.Done;
    }

    private static string[] RowOf(JsonElement figure) =>
    [
        figure.GetProperty("metric").GetString()!,
        figure.GetProperty("of").GetString() ?? figure.GetProperty("baseline").GetString()!,
        .. Cells.Estimate(figure),
    ];

    private async Task<byte[]> BodyAsync(JobClient client, ParseResult parsed, CancellationToken cancellationToken)
    {
        // What is wrong is refused before a file is sent.
        var trainer = parsed.GetValue(_trainer) is { } given ? JsonOption.Parse("--trainer", await TextAsync(given, cancellationToken).ConfigureAwait(false)) : (JsonElement?)null;
        var parameters = JsonOption.Members("--params", parsed.GetValue(_params));
        if (parsed.GetValue(_register))
            parameters["promote"] = "register";
        var body = new JobBody("retrain", parsed.GetRequiredValue(_model), parameters)
            .Set("trainer", trainer)
            .Set("window", parsed.GetValue(_window) is { } window ? WindowOf(window) : null)
            .Set("seed", parsed.GetValue(_seed));
        if (parsed.GetValue(_dataset) is { } dataset)
            body.Set("dataset", await client.DatasetOfAsync(dataset, cancellationToken).ConfigureAwait(false));
        return body.ToBytes();
    }

    /// <summary>30d, or FROM..TO.</summary>
    private static Dictionary<string, string> WindowOf(string window)
    {
        var at = window.IndexOf("..", StringComparison.Ordinal);
        if (at < 0)
            return new Dictionary<string, string> { ["last"] = window };
        var bounds = new Dictionary<string, string>();
        if (at > 0)
            bounds["from"] = window[..at];
        if (at + 2 < window.Length)
            bounds["to"] = window[(at + 2)..];
        return bounds;
    }

    private static async Task<string> TextAsync(string given, CancellationToken cancellationToken)
    {
        if (!given.StartsWith('@'))
            return given;
        try
        {
            return await File.ReadAllTextAsync(given[1..], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Invalid($"{given[1..]}: {fault.Message}");
        }
    }
}
