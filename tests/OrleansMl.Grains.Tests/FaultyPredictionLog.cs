using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests;

/// <summary>The prediction log with a hook before each commit, where a test holds it up or lets it fail.</summary>
public sealed class FaultyPredictionLog(IPredictionLog inner) : IPredictionLog
{
    /// <summary>Gets the keys of entities and ids of predictions that a commit is about.</summary>
    public Func<IReadOnlyList<OutcomeEntry>, IReadOnlyList<OutcomeChange>, Task>? BeforeCommit { get; set; }

    public ValueTask<PredictionAppend> AppendAsync(PredictionRecord record, CancellationToken cancellationToken = default) => inner.AppendAsync(record, cancellationToken);

    public ValueTask<PredictionRecord?> FindAsync(string predictionId, CancellationToken cancellationToken = default) => inner.FindAsync(predictionId, cancellationToken);

    public ValueTask<PredictionRecord?> FindByRequestAsync(string model, string requestId, CancellationToken cancellationToken = default) => inner.FindByRequestAsync(model, requestId, cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListAsync(PredictionFilter filter, CancellationToken cancellationToken = default) => inner.ListAsync(filter, cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListOpenAsync(string entityKey, string target, string? subject, CancellationToken cancellationToken = default) => inner.ListOpenAsync(entityKey, target, subject, cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListClosedAtAsync(string entityKey, string target, string? subject, DateTime time, CancellationToken cancellationToken = default) => inner.ListClosedAtAsync(entityKey, target, subject, time, cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListLabelledAtAsync(string entityKey, string target, string? subject, DateTime time, CancellationToken cancellationToken = default) => inner.ListLabelledAtAsync(entityKey, target, subject, time, cancellationToken);

    public ValueTask<IReadOnlyList<LabelStatement>> ListLabelsAsync(string entityKey, string predictionId, CancellationToken cancellationToken = default) => inner.ListLabelsAsync(entityKey, predictionId, cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListLabelledByAsync(string entityKey, string outcomeId, CancellationToken cancellationToken = default) => inner.ListLabelledByAsync(entityKey, outcomeId, cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListDueAsync(string? entityKey, DateTime windowEndAtOrBefore, int limit, CancellationToken cancellationToken = default) => inner.ListDueAsync(entityKey, windowEndAtOrBefore, limit, cancellationToken);

    public ValueTask<OutcomeEntry?> FindOutcomeAsync(string entityKey, string outcomeId, CancellationToken cancellationToken = default) => inner.FindOutcomeAsync(entityKey, outcomeId, cancellationToken);

    public ValueTask<IReadOnlyList<OutcomeEntry>> ListPendingAsync(string entityKey, string target, CancellationToken cancellationToken = default) => inner.ListPendingAsync(entityKey, target, cancellationToken);

    public async ValueTask CommitAsync(IReadOnlyList<OutcomeEntry> outcomes, IReadOnlyList<OutcomeChange> changes, CancellationToken cancellationToken = default)
    {
        if (BeforeCommit is { } hook)
            await hook(outcomes, changes);
        await inner.CommitAsync(outcomes, changes, cancellationToken);
    }
}
