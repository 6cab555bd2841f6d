using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Jobs;

/// <summary>What the commands show of a job.</summary>
internal sealed record JobView(string Id, string Kind, string? Model, string State, string? Step, int Attempt, double? Progress, double? EtaSeconds, string? Error, string? Dataset, long? Rows, long? Failed, string? Hash, string? Format, DateTimeOffset Created)
{
    /// <summary>Progress of a job that is done, as <see cref="Note"/> tells it.</summary>
    public const long WholeProgress = 1000;

    /// <summary>Of a training that says it: the mean loss on rows that it does not learn from, else on those that it does.</summary>
    public double? Loss { get; private init; }

    public bool IsFinal => State is "succeeded" or "failed" or "cancelled";

    public static JobView Of(JsonElement job)
    {
        var result = job.GetProperty("result");
        var hasResult = result.ValueKind == JsonValueKind.Object;
        var error = job.GetProperty("error");
        return new JobView(
            job.GetProperty("id").GetString()!,
            job.GetProperty("kind").GetString()!,
            job.GetProperty("model").GetString(),
            job.GetProperty("state").GetString()!,
            job.GetProperty("step").GetString(),
            job.GetProperty("attempt").GetInt32(),
            Number(job.GetProperty("progress")),
            Number(job.GetProperty("etaSeconds")),
            error.ValueKind == JsonValueKind.Object ? error.GetProperty("detail").GetString() : null,
            hasResult ? Text(result, "dataset") : null,
            hasResult ? Whole(result, "rows") : null,
            hasResult ? Whole(result, "failed") : null,
            hasResult ? Text(result, "hash") : null,
            hasResult ? Text(result, "format") : null,
            job.GetProperty("created").GetDateTimeOffset())
        {
            Loss = job.TryGetProperty("metrics", out var metrics) && metrics.ValueKind == JsonValueKind.Object
                && (metrics.TryGetProperty("validationLoss", out var loss) || metrics.TryGetProperty("trainLoss", out loss)) ? Number(loss) : null,
        };
    }

    /// <summary>Ends a command whose job has ended in another way.</summary>
    /// <param name="what">What the job is to who asked for it.</param>
    /// <exception cref="CommandException">It has not succeeded.</exception>
    public void RequireSuccess(string what = "Job")
    {
        if (State != "succeeded")
            throw CommandException.Failed($"{what} {Id} has {State}{(Error is { } error ? ": " + error : "")}.");
    }

    /// <summary>What is shown of it while it is followed.</summary>
    public ProgressNote Note() => new(
        (long)(WholeProgress * (Progress ?? 0)),
        string.Create(CultureInfo.InvariantCulture, $"{State}{(Step is { } step ? $" ({step})" : "")}{(Attempt > 1 ? $", attempt {Attempt}" : "")}{(Loss is { } loss ? $", loss {loss:0.0000}" : "")}{(EtaSeconds is { } eta ? $", {eta:0} s to go" : "")}"));

    private static double? Number(JsonElement element) => element.ValueKind == JsonValueKind.Number ? element.GetDouble() : null;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long? Whole(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;
}
