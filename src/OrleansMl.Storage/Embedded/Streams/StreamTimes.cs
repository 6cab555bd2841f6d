using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Streams;

/// <summary>Finds times in a queue. They never fall, so halving finds one without an index that each append would pay for.</summary>
internal static class StreamTimes
{
    /// <summary>Offset of the first record that was appended at or after a time; where there is none, the end.</summary>
    public static long FirstOffsetAt(SqliteDatabase database, int queue, DateTime time)
    {
        long end;
        using (var state = database.Prepare(StreamSql.GetQueue))
        {
            state.Bind(1, (long)queue).Step();
            end = state.GetInt64(1);
        }

        var ticks = StoredTime.ToTicks(time);
        var (low, high) = (0L, end);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (FirstFrom(database, queue, middle) is not { } first || first.Offset >= high || first.Appended >= ticks)
                high = middle;
            else
                low = first.Offset + 1;
        }

        return FirstFrom(database, queue, low)?.Offset ?? end;
    }

    private static (long Offset, long Appended)? FirstFrom(SqliteDatabase database, int queue, long offset)
    {
        using var query = database.Prepare(StreamSql.FirstFrom);
        return query.Bind(1, (long)queue).Bind(2, offset).Step() ? (query.GetInt64(0), query.GetInt64(1)) : null;
    }
}
