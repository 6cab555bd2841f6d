using System.CommandLine;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Cli.Output;
using OrleansMl.Cli.Replay;

namespace OrleansMl.Cli.Commands;

/// <summary>
/// <c>demo</c>: the electricity market of New South Wales through the whole loop, or a generated stream where that data
/// cannot be had; then the table, the chart and a check that learning pays.
/// </summary>
internal sealed class DemoCommand(Terminal terminal, Func<string, string?> environment)
{
    private const int GeneratedRows = 40_000;
    private const ulong GeneratedSeed = 1;

    private readonly Option<int?> _limit = SharedOptions.Number("--limit", "At most so many rows.", 1);
    private readonly Option<string?> _out = new("--out") { Description = "Folder for the results (default out/demo).", HelpName = "DIR" };

    public Command Build()
    {
        var command = new Command("demo", "Watch a model learn online and go live on 45,312 half hours of an electricity market.") { _limit, _out };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        var root = Repository.FindRoot() ?? throw CommandException.Missing("The samples lie in the checkout, and there is none above the current folder; run 'demo' inside it.");
        var output = parsed.GetValue(_out) ?? Path.Combine("out", "demo");
        var limit = parsed.GetValue(_limit);
        Directory.CreateDirectory(output);

        var (sample, data) = await ChooseAsync(root, output, limit, interruption.Token).ConfigureAwait(false);
        var options = new ReplayOptions { App = Path.Combine(root, "samples", sample, "application.yaml"), Data = [data], Limit = limit, Out = output };
        var outcome = await new ReplaySession(options, terminal).RunAsync(interruption.Token).ConfigureAwait(false);
        var pays = LearningPays(outcome, limit is not null);
        return outcome.ExitCode != ExitCode.Done || pays ? outcome.ExitCode : ExitCode.Failed;
    }

    /// <summary>Live must beat both; a part of the data is too little to demand it.</summary>
    private bool LearningPays(ReplayOutcome outcome, bool partOnly)
    {
        var comparison = outcome.Comparison;
        if (comparison.LiveBeats(comparison.Frozen) && comparison.LiveBeats(comparison.NoChange))
        {
            terminal.Out.WriteLine("live beats version 1 frozen, and no change: learning online paid.");
            return true;
        }

        terminal.Error.WriteLine(partOnly
            ? "Note: on this part of the data live does not beat both version 1 frozen and no change; run without --limit for the whole."
            : "Warning: live should beat both version 1 frozen and no change, and does not.");
        return partOnly;
    }

    private async Task<(string Sample, string Data)> ChooseAsync(string root, string output, int? limit, CancellationToken cancellationToken)
    {
        using var http = new SocketsHttpHandler();
        var electricity = new ElectricityData(root, environment, http);
        if (electricity.Find() is { } found)
            return ("electricity", found);
        terminal.Error.WriteLine("The electricity data is not on this machine; fetching it (0.7 MB) …");
        var (downloaded, fault) = await electricity.DownloadAsync(cancellationToken).ConfigureAwait(false);
        if (downloaded is not null)
            return ("electricity", downloaded);

        terminal.Error.WriteLine($"It cannot be fetched: {fault}.\n{ElectricityData.Remedy}");
        terminal.Error.WriteLine("Going on with a GENERATED stream instead: the SEA concepts (Street and Kim, 2001), whose rule changes at each quarter.");
        var generated = Path.Combine(output, "sea.csv");
        var text = new StreamWriter(generated);
        await using (text.ConfigureAwait(false))
            SeaStream.Write(text, limit ?? GeneratedRows, GeneratedSeed);
        return ("sea", generated);
    }
}
