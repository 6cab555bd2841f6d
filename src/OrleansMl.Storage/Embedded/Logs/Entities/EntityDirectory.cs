using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// The logs that the writer has seen last, and all that have records in segments only. Used by the writer's thread.
/// </summary>
internal sealed class EntityDirectory
{
    private const int Kept = 100_000;

    private readonly Dictionary<string, EntityLogState> _states = new(StringComparer.Ordinal);
    private int _sweepAt = Kept;
    private long? _lastPk;

    /// <summary>Those with records in segments only.</summary>
    public IEnumerable<EntityLogState> Pending => _states.Values.Where(s => !s.Pending.IsEmpty);

    /// <summary>The log of an entity; null: it has none.</summary>
    public EntityLogState? Find(SqliteDatabase database, string key)
    {
        if (_states.TryGetValue(key, out var state))
            return state;
        using var query = database.Prepare(EntityLogSql.FindEntity);
        if (!query.Bind(1, key).Step())
            return null;
        return Remember(new EntityLogState(key, query.GetInt64(0), isStored: true, query.GetInt64(1), query.GetInt64(2)));
    }

    /// <summary>An empty log. It gets its row with its first page; until then segments name its key.</summary>
    public EntityLogState Create(SqliteDatabase database, string key)
    {
        var last = _lastPk ?? LastPk(database);
        _lastPk = last + 1;
        return Remember(new EntityLogState(key, last + 1, isStored: false, 0, 0));
    }

    /// <summary>The log that a segment speaks of, asked for once.</summary>
    /// <exception cref="FormatException">The segment does not name a key, and there is no such entity.</exception>
    public EntityLogState Restore(SqliteDatabase database, long pk, string? key)
    {
        _lastPk = Math.Max(_lastPk ?? LastPk(database), pk);
        using var query = database.Prepare(EntityLogSql.FindEntityByPk);
        if (query.Bind(1, pk).Step())
            return Remember(new EntityLogState(query.GetText(0), pk, isStored: true, query.GetInt64(1), query.GetInt64(2)));
        return Remember(new EntityLogState(key ?? throw new FormatException($"A segment speaks of entity {pk}, which the store does not hold; the file is damaged."), pk, isStored: false, 0, 0));
    }

    private EntityLogState Remember(EntityLogState state)
    {
        if (_states.Count >= _sweepAt)
            Sweep();
        _states[state.Key] = state;
        return state;
    }

    private void Sweep()
    {
        foreach (var (key, state) in _states)
        {
            if (state.Staged.Count == 0 && state.Pending.IsEmpty)
                _states.Remove(key);
        }

        _sweepAt = Math.Max(Kept, 2 * _states.Count);
    }

    private static long LastPk(SqliteDatabase database)
    {
        using var query = database.Prepare(EntityLogSql.LastPk);
        query.Step();
        return query.GetInt64(0);
    }
}
