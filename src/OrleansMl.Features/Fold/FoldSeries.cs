namespace OrleansMl.Features;

/// <summary>
/// The records of one source: rows that windows may still need, and what remains of those that have left. Rows are kept or
/// gone by event time alone: all that are gone are at or before <see cref="_goneThrough"/>, all that are kept after it.
/// </summary>
internal sealed partial class FoldSeries
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

    /// <summary>The revision of an outcome that counts, and where its row is.</summary>
    private readonly record struct Standing(int Revision, long Time, long Sequence);
}
