using System.Collections.Concurrent;

namespace OrleansMl.Inference;

/// <summary>Counts in memory, a short lock for each version.</summary>
/// <param name="time">Says when.</param>
public sealed class InferenceStatistics(TimeProvider time) : IInferenceRecorder, IInferenceStatistics
{
    // A version that splits its runs into more sizes than this counts the rest under the largest known one below.
    private const int MaxSizes = 1024;

    private readonly ConcurrentDictionary<(string Model, int Version), Counts> _counts = new();

    public void Executed(string model, int version, int rows, RunTimes times)
    {
        var counts = CountsOf(model, version);
        lock (counts)
        {
            counts.Sum = counts.Sum with { Executions = counts.Sum.Executions + 1 };
            var size = counts.Batches.ContainsKey(rows) || counts.Batches.Count < MaxSizes ? rows : counts.Batches.Keys.LastOrDefault(known => known < rows, counts.Batches.Keys.First());
            var batch = counts.Batches.GetValueOrDefault(size) ?? new BatchStatistics(size, default, default, default);
            counts.Batches[size] = batch with { Input = batch.Input.Plus(times.Input), Infer = batch.Infer.Plus(times.Infer), Output = batch.Output.Plus(times.Output) };
        }
    }

    public void Succeeded(string model, int version, int rows, TimeSpan queue, RunTimes times, TimeSpan total)
    {
        var now = time.GetUtcNow();
        var counts = CountsOf(model, version);
        lock (counts)
        {
            var sum = counts.Sum;
            counts.Sum = sum with
            {
                LastInference = now,
                Rows = sum.Rows + rows,
                Success = sum.Success.Plus(total),
                Queue = sum.Queue.Plus(queue),
                Input = sum.Input.Plus(times.Input),
                Infer = sum.Infer.Plus(times.Infer),
                Output = sum.Output.Plus(times.Output),
            };
        }
    }

    public void Failed(string model, int version, TimeSpan total)
    {
        var counts = CountsOf(model, version);
        lock (counts)
            counts.Sum = counts.Sum with { Fail = counts.Sum.Fail.Plus(total) };
    }

    public VersionStatistics Read(string model, int version)
    {
        if (!_counts.TryGetValue((model, version), out var counts))
            return VersionStatistics.None;
        lock (counts)
            return counts.Sum with { Batches = [.. counts.Batches.Values] };
    }

    private Counts CountsOf(string model, int version) => _counts.GetOrAdd((model, version), static _ => new Counts());

    private sealed class Counts
    {
        public VersionStatistics Sum { get; set; } = VersionStatistics.None;

        public SortedDictionary<int, BatchStatistics> Batches { get; } = [];
    }
}
