using System.Runtime.CompilerServices;
using OrleansMl.Catalog;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Evaluations;

/// <summary>Logged predictions of a model with their truths, over a window of event time.</summary>
internal sealed class LogRows(CompiledModel model, IPredictionLog log, DateTime? from, DateTime? to, string? after = null) : IRowSource
{
    private const int PageRows = 500;

    private readonly Dictionary<string, long> _skipped = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Skipped => _skipped;

    public IReadOnlyList<string> Warnings => [];

    public double? Fraction => null;

    /// <summary>The last prediction that was read, or that it begins after; null: it begins at the first.</summary>
    public string? After { get; private set; } = after;

    public async IAsyncEnumerable<IReadOnlyList<SourceRow>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = new PredictionFilter { Model = model.Name, From = from, To = to, After = After, Limit = PageRows };
        while (true)
        {
            var page = await log.ListAsync(filter, cancellationToken);
            if (page.Count == 0)
                yield break;
            var rows = new List<SourceRow>(page.Count);
            foreach (var record in page)
            {
                // Another lineage had other columns: its vectors and scores say nothing about this learner.
                var why = record.Lineage != model.Lineage ? "otherLineage" : record.Label is null ? record.State == PredictionState.Closed ? "closed" : "pending" : null;
                if (why is not null)
                    _skipped[why] = _skipped.GetValueOrDefault(why) + 1;
                else
                    rows.Add(new SourceRow(VersionScorer.ToVector(model, VectorCodec.Decode(record.Vector)), record.Label!.Value, record.Created, record.LabelledAt ?? record.Created, record));
            }

            After = page[^1].PredictionId;
            yield return rows;
            filter = filter with { After = After };
        }
    }
}
