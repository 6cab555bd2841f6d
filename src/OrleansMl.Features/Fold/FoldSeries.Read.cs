namespace OrleansMl.Features;

/// <content>Reading: which rows a feature sees, and what becomes of them.</content>
internal sealed partial class FoldSeries
{
    /// <summary>Position after the last row that a read at this time sees.</summary>
    public RowPosition EndAt(long at) => _rows.UpperBound(at);

    public FeatureRead Read(FeatureSlot slot, long at, RowPosition end)
    {
        var skip = 0;
        var isKept = _rows.TryFindBack(end, _rows.Start, slot.Column, slot.IsNumeric, ref skip, out var place);
        var newest = isKept ? _rows[place.Block].Time(place.Row) : NewestGone(slot);
        if (newest == long.MinValue)
        {
            return Absent(slot, FeatureReadStatus.Missing, null);
        }

        if (slot.Ttl is { } ttl && at - newest > ttl)
        {
            return Absent(slot, FeatureReadStatus.Expired, newest);
        }

        var after = slot.WindowAfter(at);
        if (newest <= after)
        {
            return Absent(slot, FeatureReadStatus.Missing, null);
        }

        if (slot.Aggregation == Aggregation.Last)
        {
            return ReadLast(slot, after, place, isKept);
        }

        var value = slot.Aggregation switch
        {
            Aggregation.Count => FieldValue.Of((double)CountRows(slot, after, end)),
            Aggregation.Distinct => FieldValue.Of((double)CountDistinct(slot, after, at, end)),
            _ => ReadNumber(slot, after, end),
        };
        return value.IsMissing ? Absent(slot, FeatureReadStatus.Missing, null) : Present(value, newest);
    }

    private long NewestGone(FeatureSlot slot)
    {
        if (_plan.HasRevisions)
        {
            return long.MinValue; // nothing gone matters to a read that CanRead allows
        }

        return slot.Column == FeatureSlot.Rows ? _goneThrough
            : slot.IsNumeric ? _columns[slot.Column].NewestGoneNumeric
            : _columns[slot.Column].NewestGonePresent;
    }

    private long CountRows(FeatureSlot slot, long after, RowPosition end)
    {
        if (slot.Window > 0)
        {
            return _rows.CountRows(_rows.UpperBound(after), end);
        }

        var gone = _plan.HasRevisions ? 0 : _allRows - _rows.Rows;
        return gone + _rows.CountRows(_rows.Start, end);
    }

    private FieldValue ReadNumber(FeatureSlot slot, long after, RowPosition end)
    {
        Accumulator total;
        if (slot.Window > 0)
        {
            total = new Accumulator();
            _rows.Accumulate(_rows.UpperBound(after), end, slot.Column, ref total);
        }
        else if (_plan.HasRevisions)
        {
            total = new Accumulator();
            _rows.Accumulate(_rows.Start, end, slot.Column, ref total);
        }
        else if (end == _rows.End)
        {
            total = _columns[slot.Column].All;
        }
        else
        {
            total = _columns[slot.Column].Gone;
            _rows.Accumulate(_rows.Start, end, slot.Column, ref total);
        }

        return FieldValue.OfAggregate(slot.Aggregation switch
        {
            Aggregation.Sum => total.Sum,
            Aggregation.Mean => total.Sum / total.Numeric,
            Aggregation.Min => total.Min,
            _ => total.Max,
        });
    }

    private long CountDistinct(FeatureSlot slot, long after, long at, RowPosition end)
    {
        if (slot.Window == 0 && !_plan.HasRevisions)
        {
            return CountFirstSeen(_columns[slot.Column].FirstTimes!, slot.Column, at, end);
        }

        if (!_distincts.TryGetValue(slot, out var distinct))
        {
            distinct = new WindowDistinct(_rows, slot.Column);
            _distincts.Add(slot, distinct);
        }

        return distinct.Read(after, at);
    }

    /// <summary>All distinct values but those whose first row, which is then still kept, is after the read.</summary>
    private int CountFirstSeen(Dictionary<FieldValue, long> firstTimes, int column, long at, RowPosition end)
    {
        if (end == _rows.End)
        {
            return firstTimes.Count;
        }

        var later = new HashSet<FieldValue>();
        for (var (b, row) = end; b < _rows.Count; b++, row = 0)
        {
            for (; row < _rows[b].Count; row++)
            {
                ref readonly var value = ref _rows[b].Cell(row, column);
                if (!value.IsMissing && firstTimes[value] > at)
                {
                    later.Add(value);
                }
            }
        }

        return firstTimes.Count - later.Count;
    }

    private FeatureRead ReadLast(FeatureSlot slot, long after, RowPosition newest, bool isKept)
    {
        var skip = slot.Offset;
        if (isKept && _rows.TryFindBack(new RowPosition(newest.Block, newest.Row + 1), _rows.Start, slot.Column, numeric: false, ref skip, out var place))
        {
            var time = _rows[place.Block].Time(place.Row);
            return time > after
                ? Present(_rows[place.Block].Cell(place.Row, slot.Column), time)
                : Absent(slot, FeatureReadStatus.Missing, null);
        }

        return slot.Window == 0 && !_plan.HasRevisions && _columns[slot.Column].Lasts!.TryGet(skip, out var entry)
            ? Present(entry.Value, entry.Time)
            : Absent(slot, FeatureReadStatus.Missing, null);
    }

    private static FeatureRead Present(FieldValue value, long time) =>
        new(value, FeatureReadStatus.Present, new DateTime(time, DateTimeKind.Utc), UsedDefault: false);

    private static FeatureRead Absent(FeatureSlot slot, FeatureReadStatus status, long? time) =>
        new(slot.Default, status, time is { } ticks ? new DateTime(ticks, DateTimeKind.Utc) : null, UsedDefault: !slot.Default.IsMissing);
}
