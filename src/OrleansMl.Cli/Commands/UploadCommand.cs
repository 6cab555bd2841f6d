using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>upload</c>: sends a file of events, attributes, outcomes or corrections, and follows the job that takes it in.</summary>
internal sealed class UploadCommand(Terminal terminal)
{
    private readonly Argument<string?> _file = new("FILE") { Description = "CSV file with a header (.csv), or NDJSON (.ndjson, .jsonl); not needed with --job.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _kind = new("--kind") { Description = "events, attributes, outcomes or corrections; not needed with --job.", HelpName = "K" };
    private readonly Option<string?> _entityType = new("--entity-type") { Description = "Type of the entities, where rows do not say it.", HelpName = "T" };
    private readonly Option<string?> _eventType = new("--event-type") { Description = "Type of the events, where rows do not say it.", HelpName = "T" };
    private readonly Option<string?> _faults = new("--faults") { Description = "Where rows that were rejected go (default FILE.faults.csv or .ndjson).", HelpName = "FILE" };
    private readonly Option<string?> _job = new("--job") { Description = "Follow this upload instead of sending a file.", HelpName = "ID" };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        _kind.AcceptOnlyFromAmong("events", "attributes", "outcomes", "corrections");
        var command = new Command("upload", "Send a file of events, attributes, outcomes or corrections.") { _file, _kind, _entityType, _eventType, _faults, _job, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        using var client = new JobClient(SharedOptions.ServerOf(parsed, _url));
        var file = parsed.GetValue(_file);
        var id = parsed.GetValue(_job) ?? (await StartAsync(client, file, parsed, interruption.Token).ConfigureAwait(false)).Id;
        var job = await client.FollowAsync(terminal, "upload", id, interruption.Token).ConfigureAwait(false);
        if (job.Kind != "upload")
            throw CommandException.Invalid($"Job {id} is a '{job.Kind}', no upload.");
        job.RequireSuccess("Upload");
        var result = await client.GetResultAsync(id, interruption.Token).ConfigureAwait(false);
        terminal.Out.WriteLine($"{file ?? id}: {result.GetProperty("rows")} rows: {string.Join(", ", result.GetProperty("counts").EnumerateObject().Select(c => $"{c.Value} {c.Name}"))}");
        if (result.GetProperty("faults") is not { ValueKind: JsonValueKind.Object } faults)
            return ExitCode.Done;
        var format = faults.GetProperty("format").GetString()!;
        var target = parsed.GetValue(_faults) ?? (file is null ? $"{id}.faults.{format}" : Path.Combine(Path.GetDirectoryName(file) ?? "", $"{Path.GetFileNameWithoutExtension(file)}.faults.{format}"));
        await client.DownloadFileAsync($"/api/v1/uploads/{Uri.EscapeDataString(id)}/faults", null, target, interruption.Token).ConfigureAwait(false);
        terminal.Error.WriteLine($"{target}: the {faults.GetProperty("rows")} rows that were rejected, with the reasons");
        return ExitCode.Failed;
    }

    private async Task<JobView> StartAsync(JobClient client, string? file, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (file is null)
            throw CommandException.Invalid("FILE is missing; name the file to send, or an upload to follow (--job ID).");
        var kind = parsed.GetValue(_kind) ?? throw CommandException.Invalid("--kind is missing; give events, attributes, outcomes or corrections.");
        var format = DataFormat.Of(file);
        var query = string.Create(CultureInfo.InvariantCulture, $"/api/v1/uploads?kind={kind}&format={format}&name={Uri.EscapeDataString(Path.GetFileName(file))}")
            + (parsed.GetValue(_entityType) is { } entityType ? $"&entityType={Uri.EscapeDataString(entityType)}" : "")
            + (parsed.GetValue(_eventType) is { } eventType ? $"&eventType={Uri.EscapeDataString(eventType)}" : "");
        var job = await client.SendFileAsync(query, file, format, cancellationToken).ConfigureAwait(false);
        terminal.Error.WriteLine($"upload {job.Id}: should this be interrupted, go on with --job {job.Id}");
        return job;
    }
}
