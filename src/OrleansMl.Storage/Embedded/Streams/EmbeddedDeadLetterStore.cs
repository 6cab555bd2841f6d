using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Streams;

/// <summary><see cref="IDeadLetterStore"/> on the embedded store.</summary>
internal sealed class EmbeddedDeadLetterStore(GroupCommitWriter writer, ReaderPool readers) : IDeadLetterStore
{
    private const string Columns = "id, source, namespace, key, type, record_id, reason, detail, created, replayed, payload, stream, attributes";

    private static readonly SqlText s_insert = new(
        $"INSERT INTO dead_letters ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING");

    private static readonly SqlText s_list = new($"SELECT {Columns} FROM dead_letters WHERE id > ?1 ORDER BY id LIMIT ?2");

    private static readonly SqlText s_find = new($"SELECT {Columns} FROM dead_letters WHERE id = ?1");

    private static readonly SqlText s_markReplayed = new("UPDATE dead_letters SET replayed = ?2 WHERE id = ?1");

    public async ValueTask AppendAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letters);
        if (letters.Count == 0)
            return;
        await writer.RunAsync(
            session =>
            {
                foreach (var letter in letters)
                    Insert(session.Database, letter);
                return true;
            },
            letters.Count,
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_list);
        query.Bind(1, afterId ?? "").Bind(2, (long)limit);
        var letters = new List<DeadLetter>();
        while (query.Step())
            letters.Add(Read(query));
        return new ValueTask<IReadOnlyList<DeadLetter>>(letters);
    }

    public ValueTask<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_find);
        return new ValueTask<DeadLetter?>(query.Bind(1, id).Step() ? Read(query) : null);
    }

    public async ValueTask<bool> MarkReplayedAsync(string id, DateTime at, CancellationToken cancellationToken = default) => await writer.RunAsync(
        session =>
        {
            session.Database.Prepare(s_markReplayed).Bind(1, id).Bind(2, at).Run();
            return session.Database.Changes > 0;
        },
        1,
        cancellationToken).ConfigureAwait(false);

    private static void Insert(SqliteDatabase database, DeadLetter letter) => database.Prepare(s_insert)
        .Bind(1, letter.Id).Bind(2, letter.Source).Bind(3, letter.Namespace).Bind(4, letter.Key).Bind(5, letter.Type).Bind(6, letter.RecordId)
        .Bind(7, letter.Reason).Bind(8, letter.Detail).Bind(9, letter.Created).Bind(10, letter.Replayed).Bind(11, letter.Payload.Span)
        .Bind(12, letter.Stream).Bind(13, letter.Attributes.Span)
        .Run();

    private static DeadLetter Read(SqliteStatement query) => new()
    {
        Id = query.GetText(0),
        Source = query.GetText(1),
        Namespace = query.GetText(2),
        Key = query.GetText(3),
        Type = query.GetText(4),
        RecordId = query.GetText(5),
        Reason = query.GetText(6),
        Detail = query.GetText(7),
        Created = query.GetTime(8),
        Replayed = query.GetTimeOrNull(9),
        Payload = query.GetBytes(10),
        Stream = query.GetText(11),
        Attributes = query.GetBytes(12),
    };
}
