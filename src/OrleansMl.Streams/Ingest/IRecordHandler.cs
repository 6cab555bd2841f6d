namespace OrleansMl.Streams;

/// <summary>
/// Applies the records of one namespace to the system: what stands behind both the bulk path and the grains that consume
/// Orleans streams. Applying a record twice counts once.
/// </summary>
public interface IRecordHandler
{
    string Namespace { get; }

    /// <summary>Reads a record. Never throws for what a record holds.</summary>
    PlannedRecord Plan(StreamRecord record);

    /// <summary>
    /// Applies records that share an order key, in order. One fate for each, at its index. What fails for reasons that pass
    /// is a fate, not an exception; after a record that has to wait, all later ones of the call wait too.
    /// </summary>
    /// <param name="orderKey">Their <see cref="PlannedRecord.OrderKey"/>.</param>
    /// <param name="items">Their <see cref="PlannedRecord.Item"/>s.</param>
    ValueTask<IReadOnlyList<RecordFate>> ApplyAsync(string orderKey, IReadOnlyList<object> items, CancellationToken cancellationToken);
}

/// <summary>A record as read.</summary>
public readonly record struct PlannedRecord
{
    private PlannedRecord(string? orderKey, object? item, LogFault? fault, bool isDone)
    {
        OrderKey = orderKey;
        Item = item;
        Fault = fault;
        IsDone = isDone;
    }

    /// <summary>Records with the same one are applied one after another; null when there is nothing to apply.</summary>
    public string? OrderKey { get; }

    public object? Item { get; }

    /// <summary>Why it cannot be applied; null: it can.</summary>
    public LogFault? Fault { get; }

    /// <summary>There is nothing to do for it.</summary>
    public bool IsDone { get; }

    public static PlannedRecord Apply(string orderKey, object item) => new(orderKey, item, null, false);

    public static PlannedRecord Refuse(string reason, string detail) => new(null, null, new LogFault(reason, detail), false);

    public static PlannedRecord Done => new(null, null, null, true);
}

/// <summary>What became of a record.</summary>
/// <param name="Fault">Null: applied, now or before.</param>
/// <param name="IsPassing">The fault may pass: apply it again later.</param>
public readonly record struct RecordFate(LogFault? Fault, bool IsPassing)
{
    public static RecordFate Applied => default;

    public static RecordFate Refused(string reason, string detail) => new(new LogFault(reason, detail), false);

    public static RecordFate Later(string reason, string detail) => new(new LogFault(reason, detail), true);
}
