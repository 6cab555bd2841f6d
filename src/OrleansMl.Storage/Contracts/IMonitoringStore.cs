namespace OrleansMl.Storage;

/// <summary>A logged prediction at its place in a feed of its model.</summary>
/// <param name="Sequence">Rises within the model's feed, in the order of commits; gaps mean nothing.</param>
/// <param name="Prediction">As it stands when it is read.</param>
public readonly record struct FedPrediction(long Sequence, PredictionRecord Prediction);

/// <summary>Where the feeds of a model end: all that a monitor that begins now has missed.</summary>
/// <param name="Predictions">Sequence of the last prediction; 0: none.</param>
/// <param name="Labelled">Sequence of the last prediction that got its first label; 0: none. It rises by one with each.</param>
public readonly record struct FeedEnds(long Predictions, long Labelled);

/// <summary>An alarm as the store keeps it: its members that lists go by, and the writer's document.</summary>
public sealed record AlarmRow
{
    /// <summary>Its writer makes the same id of the same alarm again: a repeat after a crash changes nothing.</summary>
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required string Monitor { get; init; }

    /// <summary>When it was raised, UTC.</summary>
    public required DateTime Raised { get; init; }

    /// <summary>When it ended, UTC; null: it stands.</summary>
    public DateTime? Ended { get; init; }

    /// <summary>The alarm, the writer's bytes; never changed.</summary>
    public required ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>When someone has seen it, UTC; null: nobody has.</summary>
    public DateTime? Acknowledged { get; init; }

    public string? AcknowledgedBy { get; init; }

    public string? Note { get; init; }

    /// <summary>Place in the order of raising; the page token of lists.</summary>
    public long Sequence { get; init; }
}

/// <summary>The end of an alarm.</summary>
public sealed record AlarmEnd(string Model, string Id, DateTime Ended);

/// <summary>Filter of a listing; every member narrows it.</summary>
public sealed record AlarmFilter
{
    public required string Model { get; init; }

    public string? Monitor { get; init; }

    /// <summary>Raised at or after.</summary>
    public DateTime? From { get; init; }

    /// <summary>Raised before.</summary>
    public DateTime? To { get; init; }

    /// <summary>True: ended ones; false: those that stand.</summary>
    public bool? IsEnded { get; init; }

    /// <summary>Those raised before this sequence, exclusive; null: from the newest.</summary>
    public long? Before { get; init; }
}

/// <summary>
/// What monitors read and write: predictions of a model in the order of their commits, those with a first label in the
/// order of these, and alarms. A prediction comes once in each feed, whatever becomes of its label later.
/// </summary>
public interface IMonitoringStore
{
    ValueTask<FeedEnds> GetEndsAsync(string model, CancellationToken cancellationToken = default);

    /// <summary>Predictions of a model after a sequence (exclusive), ascending, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<FedPrediction>> ReadPredictionsAsync(string model, long after, int limit, CancellationToken cancellationToken = default);

    /// <summary>The same of those that have got a label, in the order in which they got the first.</summary>
    ValueTask<IReadOnlyList<FedPrediction>> ReadLabelledAsync(string model, long after, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// One commit: stores alarms that are raised, the ends of others, and the records that tell of them in the stream log.
    /// What is stored already changes nothing and is not told a second time.
    /// </summary>
    /// <param name="raised">Alarms, each with the record that tells of it.</param>
    /// <param name="ended">Ends, each with the record that tells of it.</param>
    /// <param name="cancellationToken">Gives up waiting; what is on its way may still be stored.</param>
    ValueTask CommitAlarmsAsync(
        IReadOnlyList<(AlarmRow Alarm, StreamAppend Record)> raised,
        IReadOnlyList<(AlarmEnd End, StreamAppend Record)> ended,
        CancellationToken cancellationToken = default);

    ValueTask<AlarmRow?> FindAlarmAsync(string model, string id, CancellationToken cancellationToken = default);

    /// <summary>Newest first, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<AlarmRow>> ListAlarmsAsync(AlarmFilter filter, int limit, CancellationToken cancellationToken = default);

    /// <summary>Notes who has seen an alarm; the first note stays. Null: there is no such alarm.</summary>
    ValueTask<AlarmRow?> AcknowledgeAsync(string model, string id, string by, string? note, DateTime at, CancellationToken cancellationToken = default);
}
