using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.Retention;

/// <summary>The jobs that have not ended, and what they need: their own files, the data sets that they read, the jobs that they repeat. As it stood when it was read.</summary>
internal sealed class OpenJobs
{
    private readonly HashSet<string> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _repeats = new(StringComparer.Ordinal);

    public static async Task<OpenJobs> ReadAsync(IJobStore store, IReadOnlyDictionary<string, IJobRunner> runners, CancellationToken cancellationToken)
    {
        var open = new OpenJobs();
        foreach (var row in await store.ListOpenAsync(int.MaxValue, cancellationToken))
        {
            var spec = JobDocument.Read(row).Spec;
            open._jobs.Add(row.Id);
            if (spec.RepeatOf is { } repeated)
                open._repeats.TryAdd(repeated, row.Id);
            foreach (var dataset in runners.TryGetValue(row.Kind, out var runner) ? await runner.ReadsAsync(spec, cancellationToken) : spec.Dataset is { } named ? [named] : ImmutableArray<string>.Empty)
                open._readers.TryAdd(dataset, row.Id);
        }

        return open;
    }

    /// <summary>The job that reads a data set, or whose attempts wrote it and may need it yet; null: there is none.</summary>
    public string? UserOf(DatasetRecord dataset) =>
        _readers.TryGetValue(dataset.Id, out var reader) ? reader : dataset.Job is { } writer && _jobs.Contains(writer) ? writer : null;

    /// <summary>The job that repeats another; null: none does.</summary>
    public string? RepeatOf(string job) => _repeats.GetValueOrDefault(job);
}
