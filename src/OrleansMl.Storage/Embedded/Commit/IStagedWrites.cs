using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Commit;

/// <summary>
/// Writes that operations leave in memory and that are made in one piece before their commit. All calls come from the
/// writer's thread.
/// </summary>
internal interface IStagedWrites
{
    /// <summary>How many are staged: a mark to go back to.</summary>
    int Count { get; }

    /// <summary>Work that is due and belongs to no operation, at the beginning of a transaction. Where it fails, the operations run without it.</summary>
    void MoveSome(SqliteDatabase database);

    /// <summary>Forgets what was staged after the mark.</summary>
    void UndoTo(int count);

    /// <summary>Makes the writes; nothing is staged after it in this transaction.</summary>
    void Write(SqliteDatabase database);

    /// <summary>The transaction is durable.</summary>
    void Committed();

    /// <summary>The transaction was rolled back, with what <see cref="MoveSome"/> had done.</summary>
    void Abandoned();
}
