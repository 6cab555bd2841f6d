namespace OrleansMl.Storage;

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
