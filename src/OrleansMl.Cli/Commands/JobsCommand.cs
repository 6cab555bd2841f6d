using System.CommandLine;
using System.Globalization;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>jobs</c>: the jobs of a server: list them, show one with its log, cancel one, delete one.</summary>
internal sealed class JobsCommand(Terminal terminal)
{
    private readonly Option<Uri?> _url = SharedOptions.Server();
    private readonly Option<string?> _state = new("--state") { Description = "Only jobs in this state.", HelpName = "STATE" };
    private readonly Option<string?> _kind = new("--kind") { Description = "Only jobs of this kind.", HelpName = "KIND" };
    private readonly Option<string?> _model = new("--model") { Description = "Only jobs of this model.", HelpName = "M" };
    private readonly Option<int?> _limit = SharedOptions.Number("--limit", "At most so many, the newest (default 20).", 1, 1000);
    private readonly Argument<string> _id = new("ID") { Description = "Id of the job." };

    public Command Build()
    {
        _url.Recursive = true;
        var list = new Command("list", "List jobs, newest first.") { _kind, _state, _model, _limit };
        list.SetAction(ListAsync);
        var show = new Command("show", "Show a job and what it has said.") { _id };
        show.SetAction(ShowAsync);
        var cancel = new Command("cancel", "Stop a job.") { _id };
        cancel.SetAction(CancelAsync);
        var delete = new Command("delete", "Remove a job that has ended, with its log and its files.") { _id };
        delete.SetAction(DeleteAsync);
        return new Command("jobs", "List, show, cancel and delete jobs.") { list, show, cancel, delete, _url };
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = ClientOf(parsed);
        var query = string.Create(CultureInfo.InvariantCulture, $"/api/v1/jobs?limit={parsed.GetValue(_limit) ?? 20}")
            + (parsed.GetValue(_state) is { } state ? $"&state={Uri.EscapeDataString(state)}" : "")
            + (parsed.GetValue(_kind) is { } kind ? $"&kind={Uri.EscapeDataString(kind)}" : "")
            + (parsed.GetValue(_model) is { } model ? $"&model={Uri.EscapeDataString(model)}" : "");
        var page = await client.GetAsync(query, cancellationToken).ConfigureAwait(false);
        string[][] rows = [.. page.GetProperty("items").EnumerateArray().Select(JobView.Of).Select(RowOf)];
        terminal.WriteTable(new TextTable(["job", "kind", "model", "state", "progress", "attempt", "created"], rows));
        return ExitCode.Done;
    }

    private async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = ClientOf(parsed);
        var id = parsed.GetRequiredValue(_id);
        var job = await client.GetAsync(JobClient.PathOf(id), cancellationToken).ConfigureAwait(false);
        terminal.WriteTable(new TextTable(["job", "value"], [.. job.EnumerateObject().Select(member => new[] { member.Name, member.Value.ToString() is { Length: > 0 } text ? text : "-" })]));
        var log = await client.GetAsync(JobClient.PathOf(id) + "/log?limit=1000", cancellationToken).ConfigureAwait(false);
        foreach (var line in log.GetProperty("items").EnumerateArray())
            terminal.Out.WriteLine($"{line.GetProperty("time")} {line.GetProperty("level")}: {line.GetProperty("text")}");
        return ExitCode.Done;
    }

    private async Task<int> CancelAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = ClientOf(parsed);
        var job = await client.CancelAsync(parsed.GetRequiredValue(_id), cancellationToken).ConfigureAwait(false);
        terminal.Out.WriteLine(job.IsFinal ? $"job {job.Id} is {job.State}" : $"job {job.Id} is asked to stop");
        return ExitCode.Done;
    }

    private async Task<int> DeleteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = ClientOf(parsed);
        var id = parsed.GetRequiredValue(_id);
        await client.DeleteAsync(JobClient.PathOf(id), cancellationToken).ConfigureAwait(false);
        terminal.Out.WriteLine($"job {id} is deleted");
        return ExitCode.Done;
    }

    private JobClient ClientOf(ParseResult parsed) => new(SharedOptions.ServerOf(parsed, _url));

    private static string[] RowOf(JobView job) =>
    [
        job.Id, job.Kind, job.Model ?? "-", job.State, job.Progress is { } progress ? progress.ToString("0%", CultureInfo.InvariantCulture) : "-",
        job.Attempt.ToString(CultureInfo.InvariantCulture), job.Created.ToString("u", CultureInfo.InvariantCulture),
    ];
}
