namespace OrleansMl.Storage;

/// <summary>A job as lists show it; the grain of the job owns the truth and writes this after it.</summary>
/// <param name="Id">Time-ordered.</param>
/// <param name="Kind">Kind of the job.</param>
/// <param name="Model">Name of the model; empty: it is about none.</param>
/// <param name="State">queued | running | succeeded | failed | cancelled.</param>
/// <param name="IsOpen">It has not ended.</param>
/// <param name="Document">The writer's own encoding of what the job is.</param>
public sealed record JobRow(string Id, string Kind, string Model, string State, bool IsOpen, ReadOnlyMemory<byte> Document);

/// <summary>Which jobs to list; null: any.</summary>
public sealed record JobFilter
{
    public string? Kind { get; init; }

    public string? Model { get; init; }

    public string? State { get; init; }

    /// <summary>Jobs with ids before this one, exclusive; null: from the newest.</summary>
    public string? BeforeId { get; init; }
}

/// <summary>One line of a job's log.</summary>
/// <param name="Sequence">Counts from 1 within the job.</param>
/// <param name="Time">When it was said, UTC.</param>
/// <param name="Level">information | warning | error.</param>
/// <param name="Text">What was said.</param>
public sealed record JobLogRow(long Sequence, DateTime Time, string Level, string Text);

/// <summary>The index of all jobs, and their logs.</summary>
public interface IJobStore
{
    /// <summary>Durable when it returns; replaces the row of the same id.</summary>
    ValueTask PutAsync(JobRow row, CancellationToken cancellationToken = default);

    /// <summary>Removes a row and its log; nothing where there is none.</summary>
    ValueTask RemoveAsync(string id, CancellationToken cancellationToken = default);

    ValueTask<JobRow?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Newest first, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<JobRow>> ListAsync(JobFilter filter, int limit, CancellationToken cancellationToken = default);

    /// <summary>Jobs that have not ended, oldest first, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<JobRow>> ListOpenAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>Jobs of a kind that have ended, oldest first, at most <paramref name="limit"/>.</summary>
    /// <param name="kind">Kind of the jobs.</param>
    /// <param name="afterId">Jobs with ids after this one, exclusive; null: from the oldest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<IReadOnlyList<JobRow>> ListEndedAsync(string kind, string? afterId, int limit, CancellationToken cancellationToken = default);

    /// <summary>How many jobs of each kind have ended.</summary>
    ValueTask<IReadOnlyDictionary<string, long>> CountEndedAsync(CancellationToken cancellationToken = default);

    /// <summary>Durable when it returns; a sequence that is there already stays as it is.</summary>
    ValueTask AppendLogAsync(string id, IReadOnlyList<JobLogRow> lines, CancellationToken cancellationToken = default);

    /// <summary>Lines after a sequence (exclusive), ascending, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<JobLogRow>> ReadLogAsync(string id, long after, int limit, CancellationToken cancellationToken = default);

    /// <summary>Sequence of the last line; 0: there is none.</summary>
    ValueTask<long> LastLogSequenceAsync(string id, CancellationToken cancellationToken = default);
}
