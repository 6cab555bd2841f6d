using System.CommandLine;
using System.Globalization;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>predictions</c>: exports logged predictions of a model, as CSV to be looked at and corrected, or as NDJSON.</summary>
internal sealed class PredictionsCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Option<bool> _wrong = new("--wrong") { Description = "Only those that were wrong." };
    private readonly Option<double?> _error = new("--error") { Description = "With --wrong, of a model that predicts a number: above which absolute error a prediction is wrong.", HelpName = "E" };
    private readonly Option<string?> _state = new("--state") { Description = "Only in this state: predicted, labelled, defaulted, corrected or closed.", HelpName = "S" };
    private readonly Option<string?> _from = new("--from") { Description = "At or after this time, RFC 3339.", HelpName = "TIME" };
    private readonly Option<string?> _to = new("--to") { Description = "Before this time, RFC 3339.", HelpName = "TIME" };
    private readonly Option<string?> _format = new("--format") { Description = "csv (default) or ndjson.", HelpName = "FORMAT" };
    private readonly Option<string?> _out = new("--out") { Description = "File (default: standard output).", HelpName = "FILE" };
    private readonly Option<int?> _limit = SharedOptions.Number("--limit", "At most so many (default all).", 1);
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        _format.AcceptOnlyFromAmong("csv", "ndjson");
        _state.AcceptOnlyFromAmong("predicted", "labelled", "defaulted", "corrected", "closed");
        var command = new Command("predictions", "Export logged predictions of a model.") { _model, _wrong, _error, _state, _from, _to, _format, _out, _limit, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        using var client = new JobClient(SharedOptions.ServerOf(parsed, _url));
        var query = $"/api/v1/predictions?model={Uri.EscapeDataString(parsed.GetRequiredValue(_model))}"
            + (parsed.GetValue(_wrong) ? "&wrong=true" : "")
            + (parsed.GetValue(_error) is { } error ? string.Create(CultureInfo.InvariantCulture, $"&error={error:R}") : "")
            + Part("state", parsed.GetValue(_state)) + Part("from", parsed.GetValue(_from)) + Part("to", parsed.GetValue(_to))
            + (parsed.GetValue(_limit) is { } limit ? string.Create(CultureInfo.InvariantCulture, $"&limit={limit}") : "");
        var accept = parsed.GetValue(_format) == "ndjson" ? "application/x-ndjson" : "text/csv";
        if (parsed.GetValue(_out) is { } file)
            await client.DownloadFileAsync(query, accept, file, interruption.Token).ConfigureAwait(false);
        else
            await client.CopyAsync(query, accept, terminal.Out, interruption.Token).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static string Part(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
