using System.CommandLine;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;
using OrleansMl.Cli.Replay;

namespace OrleansMl.Cli.Commands;

/// <summary><c>replay</c>: any CSV file through the whole loop over HTTP.</summary>
internal sealed class ReplayCommand(Terminal terminal)
{
    private readonly Option<string> _app = new("--app") { Description = "Application file with a section 'replay'.", HelpName = "FILE", Required = true };
    private readonly Option<string[]> _data = new("--data") { Description = "CSV file with a header (.csv, .csv.gz, .zip); repeat it, or separate by commas, for files in sequence.", HelpName = "FILE", Required = true };
    private readonly Option<int?> _delay = SharedOptions.Number("--delay", "Rows between a prediction and its outcome (default 1).", 1);
    private readonly Option<int?> _limit = SharedOptions.Number("--limit", "At most so many rows.", 1);
    private readonly Option<string?> _out = new("--out") { Description = "Folder for the results (default out/NAME, after the application file's folder).", HelpName = "DIR" };
    private readonly Option<Uri?> _url = SharedOptions.Url("Use a running server, instead of one of its own.");

    public Command Build()
    {
        var command = new Command("replay", "Send a file through the whole loop: events, predictions, late outcomes, learning, promotions.") { _app, _data, _delay, _limit, _out, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        var app = parsed.GetRequiredValue(_app);
        var options = new ReplayOptions
        {
            App = app,
            Data = [.. parsed.GetRequiredValue(_data).SelectMany(FilesOf)],
            Delay = parsed.GetValue(_delay) ?? 1,
            Limit = parsed.GetValue(_limit),
            Out = parsed.GetValue(_out) ?? Path.Combine("out", Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(app))) is { Length: > 0 } name ? name : "replay"),
            Url = parsed.GetValue(_url),
        };
        var outcome = await new ReplaySession(options, terminal).RunAsync(interruption.Token).ConfigureAwait(false);
        return outcome.ExitCode;
    }

    /// <summary>A file whose own name has a comma is that file.</summary>
    private static IEnumerable<string> FilesOf(string value) =>
        File.Exists(value) ? [value] : value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
