using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>finetune MODEL</c>: learns the head of a registered network on a file, and says what became of the version.</summary>
internal sealed class FineTuneCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of a model whose version is a network." };
    private readonly Option<string> _dataset = new("--dataset") { Description = "Learn this file (.csv, .ndjson, .jsonl), or the data set of this id.", HelpName = "FILE|ID", Required = true };
    private readonly Option<string?> _rehearsal = new("--rehearsal") { Description = "What it knew before, likewise: it is rehearsed, and must be known still.", HelpName = "FILE|ID" };
    private readonly Option<string?> _version = new("--version") { Description = "Version, or alias, to begin with (default: the champion, else the newest that answers).", HelpName = "V" };
    private readonly Option<bool> _wait = new("--wait") { Description = "Follow it to its end, and end by what became of the version: 0 promoted, or registered as asked; 1 failed; 4 rejected, as it is not better or has forgotten." };
    private readonly Option<string?> _params = new("--params") { Description = "Parameters as a JSON object: label, columns, classes, epochs, holdout, holdoutBy, delta, learningRate, …", HelpName = "JSON" };
    private readonly Option<bool> _promote = new("--promote") { Description = "Let a version that is better take the champion's place." };
    private readonly Option<long?> _seed = new("--seed") { Description = "Seed of everything random.", HelpName = "N" };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("finetune", "Learn the head of a registered network on a file.") { _model, _dataset, _rehearsal, _version, _wait, _params, _promote, _seed, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        using var client = new JobClient(SharedOptions.ServerOf(parsed, _url));
        var body = await BodyAsync(client, parsed, interruption.Token).ConfigureAwait(false);
        return await client.RunAsync(terminal, "finetune", body, parsed.GetValue(_wait), interruption.Token).ConfigureAwait(false) is { } result ? Tell(result) : ExitCode.Done;
    }

    /// <summary>What became of it, with the figures of both networks on the rows that were held out.</summary>
    private int Tell(JsonElement result)
    {
        var rows = new List<string[]>();
        foreach (var part in (string[])["heldOut", "heldOutBefore"])
        {
            if (!result.TryGetProperty(part, out var held))
                continue;
            foreach (var figure in held.GetProperty("base").EnumerateObject())
                rows.Add([part, figure.Name, Number(figure.Value), Number(held.GetProperty("new").GetProperty(figure.Name)), held.GetProperty("rows").GetInt32().ToString(CultureInfo.InvariantCulture)]);
        }

        terminal.WriteTable(new TextTable(["rows", "metric", "parent", "child", "n"], rows) { RightAligned = new HashSet<int> { 2, 3, 4 } });
        var decision = result.GetProperty("decision").GetString()!;
        terminal.Out.WriteLine($"version {result.GetProperty("version").GetString()}, of version {result.GetProperty("parent").GetString()} and {result.GetProperty("rows").GetInt64().ToString(CultureInfo.InvariantCulture)} rows: {decision}, {result.GetProperty("reason").GetString()}");
        return decision == "rejected" ? ExitCode.Rejected : ExitCode.Done;
    }

    private static string Number(JsonElement element) => element.GetDouble().ToString("0.0000", CultureInfo.InvariantCulture);

    private async Task<byte[]> BodyAsync(JobClient client, ParseResult parsed, CancellationToken cancellationToken)
    {
        // What is wrong is refused before a file is sent.
        var parameters = JsonOption.Members("--params", parsed.GetValue(_params));
        if (parsed.GetValue(_promote))
            parameters["promote"] = "auto";
        var body = new JobBody("finetune", parsed.GetRequiredValue(_model), parameters)
            .SetVersion(parsed.GetValue(_version))
            .Set("seed", parsed.GetValue(_seed))
            .Set("dataset", await client.DatasetOfAsync(parsed.GetRequiredValue(_dataset), cancellationToken).ConfigureAwait(false));
        if (parsed.GetValue(_rehearsal) is { } rehearsal)
            body.SetParameter("rehearsal", await client.DatasetOfAsync(rehearsal, cancellationToken).ConfigureAwait(false));
        return body.ToBytes();
    }
}
