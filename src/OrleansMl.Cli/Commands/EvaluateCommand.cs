using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>evaluate MODEL</c>: the metrics of a model's logged predictions, or of versions of it on a file, as a table.</summary>
internal sealed class EvaluateCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of a model that an application declares." };
    private readonly Option<string[]> _versions = new("--version") { Description = "Only answers of this version, or with --rescore or --data who scores the rows; may be given several times.", HelpName = "V" };
    private readonly Option<string?> _from = new("--from") { Description = "Logged predictions from this time on (RFC 3339).", HelpName = "TIME" };
    private readonly Option<string?> _to = new("--to") { Description = "Logged predictions before this time (RFC 3339).", HelpName = "TIME" };
    private readonly Option<string[]> _metrics = new("--metric") { Description = "Metric (default: all that fit); may be given several times.", HelpName = "M" };
    private readonly Option<string[]> _slices = new("--slice") { Description = "Column whose values are shown apart; may be given several times.", HelpName = "COL" };
    private readonly Option<bool> _rescore = new("--rescore") { Description = "Let the versions score the logged vectors anew, so that all are judged on the same rows." };
    private readonly Option<string?> _dataset = new("--data") { Description = "Id of a data set with the model's columns and the truth, in place of the log.", HelpName = "ID" };
    private readonly Option<string?> _label = new("--label") { Description = "Column of the data set with the truth (default: the target's name).", HelpName = "COL" };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("evaluate", "Show how good a model's answers were, with intervals and baselines.") { _model, _versions, _from, _to, _metrics, _slices, _rescore, _dataset, _label, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        using var client = new JobClient(SharedOptions.ServerOf(parsed, _url));
        var job = await client.CreateAsync(BodyOf(parsed), interruption.Token).ConfigureAwait(false);
        job = await client.FollowAsync(job.Id, static _ => { }, interruption.Token).ConfigureAwait(false);
        job.RequireSuccess("Evaluation");
        var evaluation = await client.GetAsync($"/api/v1/evaluations/{Uri.EscapeDataString(job.Id)}", interruption.Token).ConfigureAwait(false);
        var result = evaluation.GetProperty("result");
        foreach (var warning in result.GetProperty("warnings").EnumerateArray())
            terminal.Error.WriteLine(warning.GetString());
        terminal.WriteTable(new TextTable(["metric", "of", "slice", "value", "low", "high", "n"], [.. result.GetProperty("results").EnumerateArray().Select(RowOf)]) { RightAligned = new HashSet<int> { 3, 4, 5, 6 } });
        return ExitCode.Done;
    }

    private byte[] BodyOf(ParseResult parsed)
    {
        var parameters = new Dictionary<string, object>();
        foreach (var (name, option) in new[] { ("versions", _versions), ("metrics", _metrics), ("slices", _slices) })
        {
            if (parsed.GetValue(option) is { Length: > 0 } given)
                parameters[name] = given;
        }

        if (parsed.GetValue(_rescore))
            parameters["rescore"] = true;
        var window = new Dictionary<string, string>();
        if (parsed.GetValue(_from) is { } from)
            window["from"] = from;
        if (parsed.GetValue(_to) is { } to)
            window["to"] = to;
        return new JobBody("evaluate", parsed.GetRequiredValue(_model), parameters)
            .SetParameter("label", parsed.GetValue(_label))
            .Set("dataset", parsed.GetValue(_dataset))
            .Set("window", window.Count > 0 ? window : null)
            .ToBytes();
    }

    private static string[] RowOf(JsonElement figure)
    {
        var (version, baseline, slice) = (figure.GetProperty("version").GetString(), figure.GetProperty("baseline").GetString(), figure.GetProperty("slice"));
        return
        [
            figure.GetProperty("metric").GetString()!,
            (version is null ? "" : "version " + version + (baseline is null ? "" : ": ")) + (baseline ?? (version is null ? "served" : "")),
            slice.ValueKind == JsonValueKind.Null ? "all" : $"{slice.GetProperty("column").GetString()} = {slice.GetProperty("value").GetString()}{(slice.GetProperty("small").GetBoolean() ? " (few)" : "")}",
            .. Cells.Estimate(figure),
            figure.GetProperty("n").GetInt32().ToString(CultureInfo.InvariantCulture),
        ];
    }
}
