using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>
/// The kinds of which the log holds a record above revision 0. Of the others the unique index alone tells whether a record
/// was there before, which spares a look-up for each append. Used by the writer's thread alone; a kind too many does no harm.
/// </summary>
internal sealed class RevisedKinds
{
    private bool[]? _kinds;

    public bool Contains(SqliteDatabase database, in LogAppend record)
    {
        var kinds = _kinds ??= Load(database);
        return kinds[record.Kind] |= record.Revision > 0;
    }

    private static bool[] Load(SqliteDatabase database)
    {
        var kinds = new bool[byte.MaxValue + 1];
        using var query = database.Prepare(EntityLogSql.ListRevisedKinds);
        while (query.Step())
            kinds[query.GetInt32(0)] = true;
        return kinds;
    }
}
