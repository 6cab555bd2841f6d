namespace OrleansMl.Features;

/// <summary>
/// Counts of the values of a column in one stretch of time, moved along from read to read: a read costs the rows that
/// entered and left since the one before, not the window.
/// </summary>
internal sealed class WindowDistinct(BlockList rows, int column)
{
    private readonly Dictionary<FieldValue, int> _counts = [];
    private long _after;
    private long _until;
    private bool _isValid;

    /// <summary>Number of distinct values with <paramref name="after"/> &lt; time ≤ <paramref name="until"/>.</summary>
    public int Read(long after, long until)
    {
        if (!_isValid || after >= _until || until <= _after)
        {
            _counts.Clear();
            Count(after, until, 1);
        }
        else
        {
            Move(_after, after, leaving: after > _after);
            Move(_until, until, leaving: until < _until);
        }

        (_after, _until, _isValid) = (after, until, true);
        return _counts.Count;
    }

    public void OnAdded(long time, in FieldValue value) => Change(time, value, 1);

    public void OnRemoved(long time, in FieldValue value) => Change(time, value, -1);

    /// <summary>Rows up to a time are gone.</summary>
    public void OnGone(long through)
    {
        if (_isValid && _after < through)
        {
            _isValid = false;
            _counts.Clear();
        }
    }

    private void Change(long time, in FieldValue value, int by)
    {
        if (_isValid && time > _after && time <= _until)
        {
            Change(value, by);
        }
    }

    private void Move(long from, long to, bool leaving) => Count(Math.Min(from, to), Math.Max(from, to), leaving ? -1 : 1);

    private void Count(long after, long until, int by)
    {
        var (b, row) = rows.UpperBound(after);
        var end = rows.UpperBound(until);
        for (; b <= end.Block && b < rows.Count; b++, row = 0)
        {
            var block = rows[b];
            for (var last = b == end.Block ? end.Row : block.Count; row < last; row++)
            {
                Change(block.Cell(row, column), by);
            }
        }
    }

    private void Change(in FieldValue value, int by)
    {
        if (value.IsMissing)
        {
            return;
        }

        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, value, out _);
        count += by;
        if (count == 0)
        {
            _counts.Remove(value);
        }
    }
}
