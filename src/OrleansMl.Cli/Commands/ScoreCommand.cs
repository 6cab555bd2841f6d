using System.CommandLine;
using System.Globalization;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>score</c>: scores every row of a file with a model of a server.</summary>
internal sealed class ScoreCommand(Terminal terminal)
{
    private readonly Argument<string?> _file = new("FILE") { Description = "CSV file with a header (.csv), or NDJSON (.ndjson, .jsonl); not needed with --job.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _model = new("--model") { Description = "Name of the model; not needed with --job.", HelpName = "M" };
    private readonly Option<string?> _version = new("--version") { Description = "Version, or alias (default: the champion).", HelpName = "V" };
    private readonly Option<string?> _out = new("--out") { Description = "Where the result goes (default FILE.scored.csv or .ndjson).", HelpName = "FILE" };
    private readonly Option<string?> _format = new("--format") { Description = "csv or ndjson, of the result (default: as FILE).", HelpName = "FORMAT" };
    private readonly Option<string[]> _columns = new("--columns") { Description = "Columns that make up the one input of the model, in order, separated by commas.", HelpName = "A,B" };
    private readonly Option<string[]> _keep = new("--keep") { Description = "Columns that the result repeats, separated by commas.", HelpName = "A,B" };
    private readonly Option<string?> _entity = new("--entity") { Description = "Id of the entity of all rows.", HelpName = "ID" };
    private readonly Option<string?> _entityColumn = new("--entity-column") { Description = "Column with the entity's id (default entityId).", HelpName = "A" };
    private readonly Option<string?> _timeColumn = new("--time-column") { Description = "Column with the time of the prediction (default eventTime).", HelpName = "A" };
    private readonly Option<bool> _strict = new("--fail-on-error") { Description = "End at the first row that cannot be scored, instead of noting the error in its place." };
    private readonly Option<string?> _job = new("--job") { Description = "Go on with this job instead of making one.", HelpName = "ID" };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        _format.AcceptOnlyFromAmong("csv", "ndjson");
        var command = new Command("score", "Score every row of a file with a model.") { _file, _model, _version, _out, _format, _columns, _keep, _entity, _entityColumn, _timeColumn, _strict, _job, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        using var client = new JobClient(SharedOptions.ServerOf(parsed, _url));
        var job = parsed.GetValue(_job) is { } id ? await ResumeAsync(client, id, parsed, interruption.Token).ConfigureAwait(false) : await StartAsync(client, parsed, interruption.Token).ConfigureAwait(false);
        job = await client.FollowAsync(terminal, "score", job.Id, interruption.Token).ConfigureAwait(false);
        job.RequireSuccess();
        if (job is not { Dataset: { } dataset, Hash: { } hash })
            throw CommandException.Failed($"Job {job.Id} has no result to download; it is a '{job.Kind}'.");
        var target = parsed.GetValue(_out) ?? DefaultTarget(parsed.GetValue(_file), job);
        await client.DownloadAsync(dataset, hash, target, interruption.Token).ConfigureAwait(false);
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {job.Rows} rows{(job.Failed > 0 ? $", {job.Failed} with an error" : "")}"));
        return ExitCode.Done;
    }

    private async Task<JobView> StartAsync(JobClient client, ParseResult parsed, CancellationToken cancellationToken)
    {
        var file = parsed.GetValue(_file) ?? throw CommandException.Invalid("FILE is missing; name the file to score, or a job to go on with (--job ID).");
        var model = parsed.GetValue(_model) ?? throw CommandException.Invalid("--model is missing; name the model that scores.");
        var format = DataFormat.Of(file);
        var dataset = await client.UploadAsync(file, format, cancellationToken).ConfigureAwait(false);
        var job = await client.CreateAsync(BodyOf(parsed, model, dataset), cancellationToken).ConfigureAwait(false);
        terminal.Error.WriteLine($"job {job.Id}: should this be interrupted, go on with --job {job.Id}");
        return job;
    }

    private async Task<JobView> ResumeAsync(JobClient client, string id, ParseResult parsed, CancellationToken cancellationToken)
    {
        var job = await client.GetJobAsync(id, cancellationToken).ConfigureAwait(false);
        return parsed.GetValue(_model) is { } model && job.Model != model
            ? throw CommandException.Invalid($"Job {id} is about model '{job.Model}', not '{model}'; leave --model out, or name another job.")
            : job;
    }

    private byte[] BodyOf(ParseResult parsed, string model, string dataset)
    {
        var parameters = new Dictionary<string, object>();
        if (parsed.GetValue(_strict))
            parameters["onError"] = "fail";
        foreach (var (name, option) in new[] { ("columns", _columns), ("keep", _keep) })
        {
            if (parsed.GetValue(option) is { Length: > 0 } given)
                parameters[name] = given.SelectMany(g => g.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToArray();
        }

        return new JobBody("batchPredict", model, parameters)
            .SetVersion(parsed.GetValue(_version))
            .Set("dataset", dataset)
            .SetParameter("format", parsed.GetValue(_format))
            .SetParameter("entity", parsed.GetValue(_entity))
            .SetParameter("entityColumn", parsed.GetValue(_entityColumn))
            .SetParameter("timeColumn", parsed.GetValue(_timeColumn))
            .ToBytes();
    }

    private static string DefaultTarget(string? file, JobView job) => file is null
        ? $"{job.Id}.scored.{job.Format}"
        : Path.Combine(Path.GetDirectoryName(file) ?? "", $"{Path.GetFileNameWithoutExtension(file)}.scored.{job.Format}");
}
