namespace OrleansMl.Features;

/// <summary>
/// The fold of one entity's log into its features. Mutable, for one thread at a time. The same code gives the online
/// value (a fold that lives), a rebuilt one and the training value (a fresh fold over the log, cut on event time and
/// created time).
/// </summary>
/// <remarks>
/// <para>A read at time <c>t</c> sees the records with event time ≤ <c>t</c>, in order of event time and then sequence,
/// and of every outcome id only the highest revision among them. A feature's records are those of its view's source that
/// carry its field (a number or truth value for sum, mean, min and max; for count: all), within its window:</para>
/// <list type="bullet">
/// <item>none: (−∞, t];</item>
/// <item>sliding of length w: (t − w, t];</item>
/// <item>tumbling of length w: [⌊t/w⌋·w, t], aligned to the Unix epoch.</item>
/// </list>
/// <para>In this order: <see cref="FeatureReadStatus.Missing"/> when no record up to <c>t</c> carries the field, whatever
/// the window; <see cref="FeatureReadStatus.Expired"/> when the newest that does is older than the view's time to live
/// (<c>t</c> − time &gt; ttl); Missing when none is in the window (also for count), or for <c>last</c> when there are not
/// more than its offset; else <see cref="FeatureReadStatus.Present"/>. Missing and expired values read as the default
/// where one is declared.</para>
/// <para>Truth values count as 1 and 0 in sums; <c>last</c> gives values as they came; <c>distinct</c> tells kinds
/// apart and is exact. An aggregate beyond the range of doubles is missing. Attributes: the last writer wins, by event
/// time and then sequence, and a missing value removes.</para>
/// <para>Memory: the rows within the longest window of each source and <see cref="FoldPlan.ReadBack"/> (16 bytes and 16
/// per field that a feature needs), one entry per distinct value for <c>distinct</c>, and all outcomes of a target where
/// a count, sum, mean, min, max or distinct over it has no window.</para>
/// </remarks>
public sealed partial class EntityFold
{
    private readonly FoldSeries[] _series;
    private readonly AttributeHistory[] _attributes;
    private readonly FoldRetention _retention;
    private long? _watermark;

    /// <param name="plan">The features of the entity's type.</param>
    /// <param name="entityId">The entity's id, what <c>type.id</c> reads.</param>
    /// <param name="retention">What to keep.</param>
    public EntityFold(FoldPlan plan, string entityId, FoldRetention retention = FoldRetention.Windows)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(entityId);
        Plan = plan;
        EntityId = entityId;
        _retention = retention;
        _series = [.. plan.Series.Select(series => new FoldSeries(series))];
        _attributes = [.. plan.Attributes.Select(_ => new AttributeHistory())];
    }

    public FoldPlan Plan { get; }

    public string EntityId { get; }

    /// <summary>Sequence of the last record taken; 0: none.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The highest event time (UTC) of any record taken, also of one that no feature needs; null: none.</summary>
    public DateTime? Watermark => _watermark is { } ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    /// <summary>
    /// Takes the next record of the log. Sequences ascend; gaps are allowed, since a cut log has them. What no feature needs
    /// only moves <see cref="LastSequence"/> and <see cref="Watermark"/>.
    /// </summary>
    /// <returns>False: the record's sequence is not after <see cref="LastSequence"/>, it has been folded before.</returns>
    public bool Apply(in FoldRecord record)
    {
        if (record.Sequence <= LastSequence)
        {
            return false;
        }

        var time = Ticks(record.EventTime);
        LastSequence = record.Sequence;
        if (_watermark is not { } watermark || time > watermark)
        {
            _watermark = time;
        }

        var earliestRead = _watermark!.Value - Plan.ReadBack.Ticks;
        if (record.Kind == FoldRecordKind.Attributes)
        {
            foreach (var field in record.Fields.Span)
            {
                if (Plan.AttributeIndex.TryGetValue(field.Name, out var attribute))
                {
                    _attributes[attribute].Set(time, field.Value);
                    if (_retention == FoldRetention.Windows)
                    {
                        _attributes[attribute].Forget(earliestRead);
                    }
                }
            }
        }
        else if ((record.Kind == FoldRecordKind.Outcome ? Plan.OutcomeIndex : Plan.EventIndex).TryGetValue(record.Type, out var index))
        {
            _series[index].Apply(record, time);
            if (_retention == FoldRetention.Windows)
            {
                _series[index].Forget(earliestRead);
            }
        }

        return true;
    }

    /// <summary>
    /// Whether everything that a read at this time needs is there. Always, when the time is at or after
    /// <see cref="Watermark"/> and at most as far behind as <see cref="FoldPlan.ReadBack"/>, but for two rare cases of
    /// corrected outcomes: the time lies before a correction's own event time, and so many of the newest outcomes were
    /// moved back that <c>last</c> runs out of rows. Where it is false, read a fresh fold with
    /// <see cref="FoldRetention.Everything"/> over the log, cut at event time ≤ <paramref name="at"/>: that one always can.
    /// </summary>
    public bool CanRead(FeatureSelection selection, DateTime at)
    {
        EnsureOwn(selection);
        return Holds(selection, Ticks(at));
    }

    /// <summary>Reads features at a time.</summary>
    /// <param name="selection">Resolved by this fold's plan.</param>
    /// <param name="at">Where windows end and times to live are measured, UTC.</param>
    /// <param name="reads">One place for each name of the selection, in its order.</param>
    /// <exception cref="ArgumentException">The selection is another plan's, or there are too few places.</exception>
    /// <exception cref="InvalidOperationException">The fold has let go of what the read needs, see <see cref="CanRead"/>.</exception>
    public void Read(FeatureSelection selection, DateTime at, Span<FeatureRead> reads)
    {
        EnsureOwn(selection);
        if (reads.Length < selection.Count)
        {
            throw new ArgumentException($"There are {reads.Length} places for {selection.Count} features.", nameof(reads));
        }

        var ticks = Ticks(at);
        if (!Holds(selection, ticks))
        {
            throw new InvalidOperationException(
                $"The fold of '{Plan.EntityType}/{EntityId}' no longer holds what a read at {at:O} needs (watermark {Watermark:O}, read back {Plan.ReadBack}): ask CanRead, and fold the log up to that time.");
        }

        var (series, end) = (-1, default(RowPosition));
        for (var i = 0; i < selection.Slots.Length; i++)
        {
            var slot = selection.Slots[i];
            switch (slot.Source)
            {
                case SlotSource.Series:
                    if (slot.Index != series)
                    {
                        series = slot.Index;
                        end = _series[series].EndAt(ticks);
                    }

                    reads[i] = _series[series].Read(slot, ticks, end);
                    break;
                case SlotSource.Attribute:
                    reads[i] = _attributes[slot.Index].Read(ticks);
                    break;
                default:
                    reads[i] = new FeatureRead(FieldValue.Of(EntityId), FeatureReadStatus.Present, EventTime: null, UsedDefault: false);
                    break;
            }
        }
    }

    /// <inheritdoc cref="Read(FeatureSelection, DateTime, Span{FeatureRead})"/>
    /// <returns>One for each name of the selection, in its order.</returns>
    public FeatureRead[] Read(FeatureSelection selection, DateTime at)
    {
        ArgumentNullException.ThrowIfNull(selection);
        var reads = new FeatureRead[selection.Count];
        Read(selection, at, reads);
        return reads;
    }

    private bool Holds(FeatureSelection selection, long at)
    {
        foreach (var series in selection.Series)
        {
            if (!_series[series].CanRead(at))
            {
                return false;
            }
        }

        foreach (var attribute in selection.Attributes)
        {
            if (!_attributes[attribute].CanRead(at))
            {
                return false;
            }
        }

        return true;
    }

    private void EnsureOwn(FeatureSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        if (!ReferenceEquals(selection.Plan, Plan))
        {
            throw new ArgumentException($"The selection was resolved by another plan (of '{selection.Plan.EntityType}'): resolve it by the fold's own.", nameof(selection));
        }
    }

    private static long Ticks(DateTime time) => time.Kind == DateTimeKind.Local ? time.ToUniversalTime().Ticks : time.Ticks;
}
