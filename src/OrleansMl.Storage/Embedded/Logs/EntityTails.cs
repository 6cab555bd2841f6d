using OrleansMl.Storage.Embedded.Commit;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>Number and end of an entity's log.</summary>
internal readonly record struct EntityTail(long Pk, long LastSequence, long LastCreated);

/// <summary>
/// The ends of the logs of the entities seen last, which spares most appends a look-up. Used by the writer's thread alone,
/// and forgotten at every rollback.
/// </summary>
internal sealed class EntityTails
{
    private const int Capacity = 100_000;

    private readonly Dictionary<string, EntityTail> _tails = new(StringComparer.Ordinal);
    private long _generation;

    public EntityTail? Find(WriteSession session, string entityKey)
    {
        if (_generation != session.Generation)
        {
            _tails.Clear();
            _generation = session.Generation;
        }

        if (_tails.TryGetValue(entityKey, out var tail))
            return tail;
        using var query = session.Database.Prepare(EntityLogSql.FindEntity);
        if (!query.Bind(1, entityKey).Step())
            return null;
        tail = new EntityTail(query.GetInt64(0), query.GetInt64(1), query.GetInt64(2));
        Remember(entityKey, tail);
        return tail;
    }

    /// <summary>Adds the entity with an empty log.</summary>
    public EntityTail Create(WriteSession session, string entityKey)
    {
        session.Database.Prepare(EntityLogSql.InsertEntity).Bind(1, entityKey).Run();
        var tail = new EntityTail(session.Database.LastInsertRowId, 0, 0);
        Remember(entityKey, tail);
        return tail;
    }

    public void Move(WriteSession session, string entityKey, EntityTail tail)
    {
        session.Database.Prepare(EntityLogSql.MoveEntity).Bind(1, tail.Pk).Bind(2, tail.LastSequence).Bind(3, tail.LastCreated).Run();
        Remember(entityKey, tail);
    }

    private void Remember(string entityKey, EntityTail tail)
    {
        if (_tails.Count >= Capacity)
            _tails.Clear();
        _tails[entityKey] = tail;
    }
}
