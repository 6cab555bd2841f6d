using System.Collections.Concurrent;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// The last requests of models, one each: what the next version is warmed with. Made-up values may take another way through a
/// graph than real ones do, or none.
/// </summary>
public sealed class RecordedRequests(TimeProvider time)
{
    /// <summary>Larger requests are not kept.</summary>
    private const int MaxBytes = 1 << 20;

    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (IReadOnlyList<Tensor> Inputs, long At)> _last = new(StringComparer.Ordinal);

    /// <summary>A request that was answered; null: none was.</summary>
    internal IReadOnlyList<Tensor>? Of(string model) => _last.TryGetValue(model, out var last) ? last.Inputs : null;

    /// <summary>Takes a request that was answered, if the one that is kept is old. Copies it.</summary>
    internal void Take(string model, IReadOnlyList<Tensor> inputs)
    {
        if (_last.TryGetValue(model, out var last) && time.GetElapsedTime(last.At) < Age)
            return;
        var bytes = 0L;
        foreach (var input in inputs)
        {
            bytes += input.Data.Length;
            foreach (var element in input.Elements.Span)
                bytes += element.Length;
        }

        if (bytes <= MaxBytes)
            _last[model] = ([.. inputs.Select(i => i.Clone())], time.GetTimestamp());
    }
}
