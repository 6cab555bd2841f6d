namespace OrleansMl.Storage;

/// <summary>State of a logged prediction.</summary>
public enum PredictionState : byte
{
    Predicted = 0,
    Labelled = 1,
    Defaulted = 2,
    Corrected = 3,

    /// <summary>The window closed without a label and without a default.</summary>
    Closed = 4,
}

/// <summary>A logged prediction. Immutable but for its outcome.</summary>
public sealed record PredictionRecord
{
    /// <summary>Version 7 UUID, 32 hexadecimal digits: time-ordered, so that the index does not decay with size.</summary>
    public required string PredictionId { get; init; }

    public required string Model { get; init; }

    /// <summary>0 when the prior answered.</summary>
    public int Version { get; init; }

    public long? LearnerRevision { get; init; }

    /// <summary>Grain key of the entity; empty when the model has none.</summary>
    public required string EntityKey { get; init; }

    /// <summary>Empty when the model has no target.</summary>
    public required string Target { get; init; }

    /// <summary>The candidate the record is about; empty: none.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Event time of the prediction, UTC.</summary>
    public required DateTime Time { get; init; }

    /// <summary>When it was answered, wall clock, UTC.</summary>
    public required DateTime Created { get; init; }

    /// <summary>When the window for its truth ends, UTC; null: no target.</summary>
    public DateTime? WindowEnd { get; init; }

    /// <summary>The window closes by the entity's event time, not by the wall clock.</summary>
    public bool ClosesByEventTime { get; init; }

    /// <summary>Unique within the model; null: none.</summary>
    public string? RequestId { get; init; }

    public double? Score { get; init; }

    /// <summary>Of a candidate that was drawn: the probability of its place, given those before it; null: nothing was drawn.</summary>
    public double? Propensity { get; init; }

    /// <summary>
    /// What the answer was chosen from, the service's bytes: of the first place of a drawn answer the candidates, since another policy can
    /// be judged only where they are known; of an answer of several classes the probability of each; else empty.
    /// </summary>
    public ReadOnlyMemory<byte> Decision { get; init; }

    /// <summary>Last log sequence behind the features.</summary>
    public long Sequence { get; init; }

    /// <summary>Columns as served, the service's bytes.</summary>
    public required ReadOnlyMemory<byte> Vector { get; init; }

    /// <summary>The answer as sent, the service's bytes (JSON).</summary>
    public required ReadOnlyMemory<byte> Response { get; init; }

    public int Lineage { get; init; }

    // ---- the outcome ----
    public PredictionState State { get; init; }

    /// <summary>The label as a number; null: none.</summary>
    public double? Label { get; init; }

    public string? OutcomeId { get; init; }

    public string? OutcomeSource { get; init; }

    public int OutcomeRevision { get; init; }

    public DateTime? OutcomeTime { get; init; }

    public DateTime? LabelledAt { get; init; }
}

/// <summary>A change of a prediction's outcome, guarded by the state it was decided on.</summary>
public sealed record OutcomeChange
{
    public required string PredictionId { get; init; }

    public required PredictionState ExpectedState { get; init; }

    public required int ExpectedRevision { get; init; }

    public required PredictionState State { get; init; }

    public double? Label { get; init; }

    public string? OutcomeId { get; init; }

    public string? Source { get; init; }

    public int Revision { get; init; }

    public DateTime? OutcomeTime { get; init; }

    public required DateTime LabelledAt { get; init; }

    /// <summary>What the trainer learns from it, put into the stream log by the same commit; null: nothing.</summary>
    public StreamAppend? Example { get; init; }

    /// <summary>Labels of the prediction to store, or to store anew where their sequence is known.</summary>
    public IReadOnlyList<LabelStatement> Labels { get; init; } = [];

    /// <summary>What a rollout of the model is judged on, put into the stream log by the same commit; null: nothing is rolled out.</summary>
    public StreamAppend? Rollout { get; init; }
}

/// <summary>An outcome as recorded: idempotency, and what waits for its prediction.</summary>
public sealed record OutcomeEntry
{
    public required string EntityKey { get; init; }

    /// <summary>Unique per entity.</summary>
    public required string OutcomeId { get; init; }

    public required int Revision { get; init; }

    public required string Target { get; init; }

    public string Subject { get; init; } = "";

    public string? PredictionId { get; init; }

    public required DateTime Time { get; init; }

    public required double Value { get; init; }

    public required string Source { get; init; }

    public required DateTime Created { get; init; }

    /// <summary>It waits for a prediction until then; null: it does not wait.</summary>
    public DateTime? PendingUntil { get; init; }

    /// <summary>The service's byte for what became of it.</summary>
    public byte Status { get; init; }

    /// <summary>What trainers learn from it by itself, put into the stream log by the commit that stores it.</summary>
    public IReadOnlyList<StreamAppend> Examples { get; init; } = [];

    /// <summary>Hash of the content, to tell a repeat from a conflict.</summary>
    public required ReadOnlyMemory<byte> ContentHash { get; init; }
}

/// <summary>Result of logging one prediction.</summary>
/// <param name="Stored">The record that stands: the given one, or an earlier one with the same request id.</param>
/// <param name="IsRepeat">An earlier one stands.</param>
/// <param name="HasPendingOutcome">An early outcome waits for this entity and target.</param>
public readonly record struct PredictionAppend(PredictionRecord Stored, bool IsRepeat, bool HasPendingOutcome);

/// <summary>Filter of a listing; every member narrows it.</summary>
public sealed record PredictionFilter
{
    public string? Model { get; init; }

    public int? Version { get; init; }

    /// <summary>Prefix of the entity key (an entity type's), or the whole key.</summary>
    public string? EntityKeyPrefix { get; init; }

    public string? EntityKey { get; init; }

    public DateTime? From { get; init; }

    public DateTime? To { get; init; }

    public PredictionState? State { get; init; }

    /// <summary>Labelled, with the label on the other side of this score threshold; null: any.</summary>
    public double? WrongAtThreshold { get; init; }

    /// <summary>Labelled, with a label further than this from the score; null: any.</summary>
    public double? WrongAboveError { get; init; }

    /// <summary>Labelled by a version, and wrong by this test, which is asked row by row until the page is full; null: any.</summary>
    public Func<PredictionRecord, bool>? WrongBy { get; init; }

    /// <summary>Ids after this one (exclusive), in the order of the listing; the page token.</summary>
    public string? After { get; init; }

    /// <summary>Descending by id; else ascending.</summary>
    public bool NewestFirst { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>Predictions with the vectors as served, and the outcomes joined to them.</summary>
public interface IPredictionLog
{
    /// <summary>Durable when it returns. A repeated (model, request id) gives the earlier record back.</summary>
    ValueTask<PredictionAppend> AppendAsync(PredictionRecord record, CancellationToken cancellationToken = default);

    ValueTask<PredictionRecord?> FindAsync(string predictionId, CancellationToken cancellationToken = default);

    ValueTask<PredictionRecord?> FindByRequestAsync(string model, string requestId, CancellationToken cancellationToken = default);

    ValueTask<IReadOnlyList<PredictionRecord>> ListAsync(PredictionFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Predictions in state Predicted of an entity and target (and subject, unless null), oldest first by event time.</summary>
    ValueTask<IReadOnlyList<PredictionRecord>> ListOpenAsync(string entityKey, string target, string? subject, CancellationToken cancellationToken = default);

    /// <summary>Defaulted or closed predictions of an entity and target whose [Time, WindowEnd) holds <paramref name="time"/>: what a late outcome is about.</summary>
    ValueTask<IReadOnlyList<PredictionRecord>> ListClosedAtAsync(string entityKey, string target, string? subject, DateTime time, CancellationToken cancellationToken = default);

    /// <summary>Labelled or corrected predictions of an entity and target whose [Time, WindowEnd) holds <paramref name="time"/>: what another source may speak about.</summary>
    ValueTask<IReadOnlyList<PredictionRecord>> ListLabelledAtAsync(string entityKey, string target, string? subject, DateTime time, CancellationToken cancellationToken = default);

    /// <summary>Labels that came for a prediction, in their order. Empty: none, or a single one of which the record says all.</summary>
    ValueTask<IReadOnlyList<LabelStatement>> ListLabelsAsync(string entityKey, string predictionId, CancellationToken cancellationToken = default);

    /// <summary>Predictions of an entity that an outcome labelled or spoke about: one by entity and target may have labelled several.</summary>
    ValueTask<IReadOnlyList<PredictionRecord>> ListLabelledByAsync(string entityKey, string outcomeId, CancellationToken cancellationToken = default);

    /// <summary>Open predictions whose window ended at or before a time, oldest end first: of one entity, or (null) all that close by the wall clock.</summary>
    ValueTask<IReadOnlyList<PredictionRecord>> ListDueAsync(string? entityKey, DateTime windowEndAtOrBefore, int limit, CancellationToken cancellationToken = default);

    ValueTask<OutcomeEntry?> FindOutcomeAsync(string entityKey, string outcomeId, CancellationToken cancellationToken = default);

    /// <summary>Outcomes of an entity and target that wait for a prediction, by time.</summary>
    ValueTask<IReadOnlyList<OutcomeEntry>> ListPendingAsync(string entityKey, string target, CancellationToken cancellationToken = default);

    /// <summary>
    /// One commit: stores outcomes (insert, or replace the same id by a higher revision or by another status), changes predictions, puts
    /// examples into the stream log. All or nothing.
    /// </summary>
    /// <exception cref="JoinConflictException">
    /// A prediction is not in the state the change was decided on, or the log holds an outcome's id at a higher revision, or
    /// at the same one with other content.
    /// </exception>
    ValueTask CommitAsync(IReadOnlyList<OutcomeEntry> outcomes, IReadOnlyList<OutcomeChange> changes, CancellationToken cancellationToken = default);
}

/// <summary>A prediction or an outcome is not as it was when a change was decided on: another writer came first.</summary>
public sealed class JoinConflictException : Exception
{
    /// <summary>A prediction has changed.</summary>
    public JoinConflictException(string predictionId)
        : base($"Prediction '{predictionId}' has changed since it was read. Reload and decide again.")
    {
    }

    /// <summary>The log holds an outcome's id already, at a higher revision or with other content.</summary>
    public JoinConflictException(string outcomeId, int revision, int storedRevision)
        : base($"Outcome '{outcomeId}' is stored at revision {storedRevision}, which revision {revision} cannot replace. Reload and decide again.")
    {
    }
}
