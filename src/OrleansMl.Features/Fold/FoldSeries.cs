namespace OrleansMl.Features;

/// <summary>
/// The records of one source: rows that windows may still need, and what remains of those that have left. Rows are kept or
/// gone by event time alone: all that are gone are at or before <see cref="_goneThrough"/>, all that are kept after it.
/// </summary>
internal sealed class FoldSeries
{
    /// <summary>So many rows stay even when no window needs them: reads somewhat in the past stay possible.</summary>
    private const int LeastRows = 16;

    private readonly SeriesPlan _plan;
    private readonly BlockList _rows;
    private readonly ColumnHistory[] _columns; // events
    private readonly Dictionary<string, Standing> _standing = []; // outcomes: by id
    private readonly Dictionary<FeatureSlot, WindowDistinct> _distincts = [];
    private readonly FieldValue[] _cells;
    private readonly int _leastRows;
    private long _allRows;
    private long _goneThrough = long.MinValue;
    private long _supersededUntil = long.MinValue;

    public FoldSeries(SeriesPlan plan)
    {
        _plan = plan;
        _rows = new BlockList(plan.Columns.Length, plan.BlockRows, plan.HasRevisions);
        _columns = plan.HasRevisions ? [] : [.. plan.Columns.Select((_, c) => new ColumnHistory(plan.Lasts[c], plan.Distinct[c]))];
        _cells = new FieldValue[plan.Columns.Length];
        _leastRows = LeastRows + plan.Demands.Select(demand => demand.Count).DefaultIfEmpty(0).Max();
    }

    public void Apply(in FoldRecord record, long time)
    {
        Array.Clear(_cells);
        foreach (var field in record.Fields.Span)
        {
            if (_plan.ColumnIndex.TryGetValue(field.Name, out var column))
            {
                _cells[column] = field.Value;
            }
        }

        if (_plan.HasRevisions)
        {
            ApplyRevision(record, time);
            return;
        }

        _allRows++;
        for (var c = 0; c < _columns.Length; c++)
        {
            _columns[c].Add(_cells[c], time);
            if (time <= _goneThrough)
            {
                _columns[c].Forget(_cells[c], time);
            }
        }

        if (time > _goneThrough)
        {
            Add(time, record.Sequence, null);
        }
    }

    /// <summary>Lets rows go that no window of a read at or after <paramref name="earliestRead"/> needs.</summary>
    public void Forget(long earliestRead)
    {
        if (_plan.KeepsAllRows || _rows.IsEmpty)
        {
            return;
        }

        var going = _rows.CountBlocksThrough(earliestRead - _plan.LongestWindow, _leastRows);
        if (going == 0)
        {
            return;
        }

        for (var b = 0; b < going; b++)
        {
            ForgetBlock(_rows[b]);
        }

        _goneThrough = _rows[going - 1].LastTime;
        _rows.RemoveFirst(going);
        foreach (var distinct in _distincts.Values)
        {
            distinct.OnGone(_goneThrough);
        }
    }

    /// <summary>Everything that a read at this time needs is there.</summary>
    public bool CanRead(long at)
    {
        if (at < _supersededUntil)
        {
            return false;
        }

        if (_goneThrough == long.MinValue)
        {
            return true;
        }

        if (at - _plan.LongestWindow < _goneThrough)
        {
            return false;
        }

        foreach (var demand in _plan.Demands)
        {
            var skip = demand.Count - 1;
            if (!_rows.TryFindBack(_rows.UpperBound(at), _rows.Start, demand.Column, demand.Numeric, ref skip, out _))
            {
                return false;
            }
        }

        return true;
    }

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

    public void Save(ByteWriter writer)
    {
        writer.Signed(_allRows);
        writer.Signed(_goneThrough);
        writer.Signed(_supersededUntil);
        foreach (var column in _columns)
        {
            column.Save(writer);
        }

        writer.Varint((ulong)_rows.Count);
        var (time, sequence) = (0L, 0L);
        foreach (var block in _rows.Blocks)
        {
            writer.Varint((ulong)block.Count);
            for (var row = 0; row < block.Count; row++)
            {
                writer.Signed(block.Time(row) - time);
                writer.Signed(block.Sequence(row) - sequence);
                (time, sequence) = (block.Time(row), block.Sequence(row));
                if (_plan.HasRevisions)
                {
                    writer.Text(block.Id(row));
                    writer.Signed(_standing[block.Id(row)].Revision);
                }

                foreach (ref readonly var cell in block.Row(row))
                {
                    writer.Value(cell);
                }
            }
        }
    }

    public void Restore(ref ByteReader reader)
    {
        _allRows = reader.Signed();
        _goneThrough = reader.Signed();
        _supersededUntil = reader.Signed();
        foreach (var column in _columns)
        {
            column.Restore(ref reader);
        }

        var (time, sequence) = (0L, 0L);
        for (var blocks = reader.Count(leastBytes: 3); blocks > 0; blocks--)
        {
            for (var left = reader.Count(leastBytes: 2); left > 0; left--)
            {
                time += reader.Signed();
                sequence += reader.Signed();
                string? id = null;
                if (_plan.HasRevisions)
                {
                    id = reader.Text();
                    _standing[id] = new Standing((int)reader.Signed(), time, sequence);
                }

                for (var c = 0; c < _cells.Length; c++)
                {
                    _cells[c] = reader.Value();
                }

                _rows.Append(time, sequence, _cells, id);
            }

            _rows.CloseBlock();
        }
    }

    private void ApplyRevision(in FoldRecord record, long time)
    {
        if (_standing.TryGetValue(record.Id, out var standing))
        {
            if (record.Revision <= standing.Revision)
            {
                return;
            }

            // Between its own time and that of its correction the first still stands: a read there asks the log.
            if (time > standing.Time)
            {
                _supersededUntil = Math.Max(_supersededUntil, time);
            }

            Remove(standing);
        }

        if (time > _goneThrough)
        {
            _standing[record.Id] = new Standing(record.Revision, time, record.Sequence);
            Add(time, record.Sequence, record.Id);
        }
        else
        {
            _standing.Remove(record.Id);
        }
    }

    private void Add(long time, long sequence, string? id)
    {
        _rows.Add(time, sequence, _cells, id);
        foreach (var (slot, distinct) in _distincts)
        {
            distinct.OnAdded(time, _cells[slot.Column]);
        }
    }

    private void Remove(in Standing standing)
    {
        var place = _rows.Find(standing.Time, standing.Sequence);
        foreach (var (slot, distinct) in _distincts)
        {
            distinct.OnRemoved(standing.Time, _rows[place.Block].Cell(place.Row, slot.Column));
        }

        _rows.RemoveAt(place);
    }

    private void ForgetBlock(Block block)
    {
        for (var row = 0; row < block.Count; row++)
        {
            if (_plan.HasRevisions)
            {
                _standing.Remove(block.Id(row));
                continue;
            }

            for (var c = 0; c < _columns.Length; c++)
            {
                _columns[c].Forget(block.Cell(row, c), block.Time(row));
            }
        }
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

    /// <summary>The revision of an outcome that counts, and where its row is.</summary>
    private readonly record struct Standing(int Revision, long Time, long Sequence);
}
