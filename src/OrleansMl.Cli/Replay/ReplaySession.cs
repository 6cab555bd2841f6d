using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.Charts;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;
using OrleansMl.Cli.Scoring;
using OrleansMl.Cli.Server;

namespace OrleansMl.Cli.Replay;

/// <summary>One replay from the file to the results: server, stream, frozen version, figures, chart.</summary>
internal sealed class ReplaySession(ReplayOptions options, Terminal terminal)
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);

    /// <summary>Runs it and writes <c>predictions.ndjson</c>, <c>summary.json</c> and <c>accuracy.svg</c>.</summary>
    /// <exception cref="CommandException">A file is not valid, or the server does not answer.</exception>
    public async Task<ReplayOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var application = ApplicationFile.Read(options.App, terminal.Error);
        var source = CsvSource.Open(options.Data);
        var plan = ReplayPlan.Create(application, source.Header);
        if (plan.AbsentFields.Length > 0)
            terminal.Error.WriteLine($"The data has no column for {string.Join(", ", plan.AbsentFields)}; these fields are left out.");
        Directory.CreateDirectory(options.Out);
        if (options.Url is { } url)
        {
            using var connection = new ApiConnection(url);
            Apply(connection, cancellationToken);
            return await StreamAsync(plan, source, connection, Engine(connection, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        return await WithOwnServerAsync(plan, source, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ReplayOutcome> WithOwnServerAsync(ReplayPlan plan, CsvSource source, CancellationToken cancellationToken)
    {
        // A folder of its own for each run: what an earlier run has learned must not leak into this one.
        var data = Path.Combine(Path.GetFullPath(options.Out), $"data-{Guid.CreateVersion7():N}");
        Directory.CreateDirectory(data);
        try
        {
            var log = Path.Combine(options.Out, "server.log");
            var start = ServerProcess.SameProgram("up", "--data", data, "--http", "0", "--grpc", "0", "--app", Path.GetFullPath(options.App));
            var server = await ServerProcess.StartAsync(start, log, StartPatience, cancellationToken).ConfigureAwait(false);
            await using (server.ConfigureAwait(false))
            {
                using var connection = new ApiConnection(server.Ready.Http);
                return await StreamAsync(plan, source, connection, server.Ready.Engine, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private async Task<ReplayOutcome> StreamAsync(ReplayPlan plan, CsvSource source, ApiConnection connection, string engine, CancellationToken cancellationToken)
    {
        var limit = options.Limit ?? int.MaxValue;
        var total = source.CountRows(limit);
        ReplayResult result;
        using (var loop = new ReplayLoop(plan, connection, options.Delay))
            result = await terminal.WithProgressAsync(plan.Application.Name, total, progress => Task.Run(() => loop.Run(source.Rows().Take(limit), progress, cancellationToken), cancellationToken)).ConfigureAwait(false);

        var promotions = CountPromotions(plan, connection, cancellationToken);
        var frozenFault = ScoreFrozen(plan, connection, result, cancellationToken);
        var comparison = Comparison.Of(result.Rows, plan.Target.IsRegression);
        var summary = ReplaySummary.Of(result, comparison, source.Name, options.Delay, engine, promotions);
        await WriteFilesAsync(plan, result, comparison, summary, cancellationToken).ConfigureAwait(false);
        Report(plan, result, summary, frozenFault);
        return new(summary, comparison, result.FailedRequests == 0 ? ExitCode.Done : ExitCode.Failed);
    }

    private static string? ScoreFrozen(ReplayPlan plan, ApiConnection connection, ReplayResult result, CancellationToken cancellationToken)
    {
        try
        {
            return new FrozenScorer(plan, connection).Score([.. result.Rows.Where(row => row.Vector is not null)], cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException)
        {
            return fault.Message;
        }
    }

    private async Task WriteFilesAsync(ReplayPlan plan, ReplayResult result, Comparison comparison, ReplaySummary summary, CancellationToken cancellationToken)
    {
        await PredictionsFile.WriteAsync(Path.Combine(options.Out, "predictions.ndjson"), result.Rows, plan.Target, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(options.Out, "summary.json"), summary.ToJson(), cancellationToken).ConfigureAwait(false);
        var title = string.Create(CultureInfo.InvariantCulture, $"{plan.Application.Name}: {summary.ScoredRows:N0} scored rows of {summary.Data}");
        await File.WriteAllTextAsync(Path.Combine(options.Out, "accuracy.svg"), new AccuracyChart(comparison, title).ToSvg(), cancellationToken).ConfigureAwait(false);
    }

    private void Report(ReplayPlan plan, ReplayResult result, ReplaySummary summary, string? frozenFault)
    {
        ReplayReport.Write(terminal, summary, plan.Target.IsRegression);
        terminal.Out.WriteLine($"chart {Path.Combine(options.Out, "accuracy.svg")}, figures {Path.Combine(options.Out, "summary.json")}, answers {Path.Combine(options.Out, "predictions.ndjson")}");
        if (result.FirstFailure is { } failure)
            terminal.Error.WriteLine($"{result.FailedRequests} request(s) failed; the first: {failure}");
        if (result.OutcomesNotJoined > 0)
            terminal.Error.WriteLine($"{result.OutcomesNotJoined} outcome(s) were acknowledged but did not meet their prediction in time (see the target's window).");
        if (frozenFault is not null)
            terminal.Error.WriteLine($"Version 1 could not be asked about the vectors as served: {frozenFault}");
        var firstServed = result.Rows.FirstOrDefault(row => row.ModelVersion is not null)?.Index;
        var unserved = result.Rows.Count(row => row.PredictionId is not null && row.ModelVersion is null && row.Index > firstServed);
        if (unserved > 0)
            terminal.Error.WriteLine($"{unserved} row(s) after row {firstServed} were answered by the prior although a version had served before; they are not scored.");
    }

    private void Apply(ApiConnection connection, CancellationToken cancellationToken)
    {
        var answer = connection.Reach(() => new ApplicationUpload(connection).Send(options.App, dryRun: false, allowReset: false, cancellationToken));
        if (!answer.IsSuccess)
            throw CommandException.Failed($"{connection.Server} refuses {options.App}: {answer.Fault}");
    }

    private static string Engine(ApiConnection connection, CancellationToken cancellationToken)
    {
        var answer = connection.Reach(() => connection.Get("/api/v1/status", cancellationToken));
        if (!answer.IsSuccess)
            throw CommandException.Failed($"{connection.Server} does not tell its engine: {answer.Fault}");
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.TryGetProperty("engine", out var engine) ? engine.ToString() : "unknown";
    }

    /// <summary>Entries of the promotion log that replace a champion; the bootstrap's first version is none.</summary>
    private static long CountPromotions(ReplayPlan plan, ApiConnection connection, CancellationToken cancellationToken)
    {
        var count = 0L;
        var pages = new PagedList(connection, $"/api/v1/models/{Uri.EscapeDataString(plan.Model.Name)}/promotions");
        foreach (var item in pages.Read(cancellationToken))
        {
            var replaces = item.TryGetProperty("from", out var from) && from.ValueKind != JsonValueKind.Null;
            if (replaces && !(item.TryGetProperty("decision", out var decision) && decision.GetString() == "bootstrap"))
                count++;
        }

        return count;
    }
}
