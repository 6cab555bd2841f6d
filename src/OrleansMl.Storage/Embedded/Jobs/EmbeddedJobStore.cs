using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Jobs;

/// <summary><see cref="IJobStore"/> on the embedded store.</summary>
internal sealed class EmbeddedJobStore(GroupCommitWriter writer, ReaderPool readers) : IJobStore
{
    private const string Columns = "id, kind, model, state, is_open, document";

    private static readonly SqlText s_put = new(
        $"INSERT INTO jobs ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET state = ?4, is_open = ?5, document = ?6");

    private static readonly SqlText s_remove = new("DELETE FROM jobs WHERE id = ?1");

    private static readonly SqlText s_removeLog = new("DELETE FROM job_log WHERE job = ?1");

    private static readonly SqlText s_find = new($"SELECT {Columns} FROM jobs WHERE id = ?1");

    private static readonly SqlText s_list = new(
        $"""
        SELECT {Columns} FROM jobs
        WHERE (?1 IS NULL OR id < ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR model = ?3) AND (?4 IS NULL OR state = ?4)
        ORDER BY id DESC LIMIT ?5
        """);

    private static readonly SqlText s_listOpen = new($"SELECT {Columns} FROM jobs WHERE is_open = 1 ORDER BY id LIMIT ?1");

    private static readonly SqlText s_listEnded = new($"SELECT {Columns} FROM jobs WHERE is_open = 0 AND kind = ?1 AND (?2 IS NULL OR id > ?2) ORDER BY id LIMIT ?3");

    private static readonly SqlText s_countEnded = new("SELECT kind, count(*) FROM jobs WHERE is_open = 0 GROUP BY kind");

    private static readonly SqlText s_append = new("INSERT INTO job_log (job, sequence, time, level, text) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING");

    private static readonly SqlText s_read = new("SELECT sequence, time, level, text FROM job_log WHERE job = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3");

    private static readonly SqlText s_last = new("SELECT max(sequence) FROM job_log WHERE job = ?1");

    public async ValueTask PutAsync(JobRow row, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        await writer.RunAsync(
            session =>
            {
                session.Database.Prepare(s_put)
                    .Bind(1, row.Id).Bind(2, row.Kind).Bind(3, row.Model).Bind(4, row.State).Bind(5, row.IsOpen ? 1L : 0L).Bind(6, row.Document.Span)
                    .Run();
                return true;
            },
            1,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RemoveAsync(string id, CancellationToken cancellationToken = default) => await writer.RunAsync(
        session =>
        {
            session.Database.Prepare(s_removeLog).Bind(1, id).Run();
            session.Database.Prepare(s_remove).Bind(1, id).Run();
            return true;
        },
        1,
        cancellationToken).ConfigureAwait(false);

    public ValueTask<JobRow?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_find);
        return new ValueTask<JobRow?>(ReadRows(query.Bind(1, id)).FirstOrDefault());
    }

    public ValueTask<IReadOnlyList<JobRow>> ListAsync(JobFilter filter, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_list);
        query.Bind(1, filter.BeforeId).Bind(2, filter.Kind).Bind(3, filter.Model).Bind(4, filter.State).Bind(5, (long)limit);
        return new ValueTask<IReadOnlyList<JobRow>>(ReadRows(query));
    }

    public ValueTask<IReadOnlyList<JobRow>> ListOpenAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_listOpen);
        return new ValueTask<IReadOnlyList<JobRow>>(ReadRows(query.Bind(1, (long)limit)));
    }

    public ValueTask<IReadOnlyList<JobRow>> ListEndedAsync(string kind, string? afterId, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_listEnded);
        query.Bind(1, kind).Bind(2, afterId).Bind(3, (long)limit);
        return new ValueTask<IReadOnlyList<JobRow>>(ReadRows(query));
    }

    public ValueTask<IReadOnlyDictionary<string, long>> CountEndedAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_countEnded);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        while (query.Step())
            counts.Add(query.GetText(0), query.GetInt64(1));
        return new ValueTask<IReadOnlyDictionary<string, long>>(counts);
    }

    public async ValueTask AppendLogAsync(string id, IReadOnlyList<JobLogRow> lines, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (lines.Count == 0)
            return;
        await writer.RunAsync(
            session =>
            {
                foreach (var line in lines)
                    session.Database.Prepare(s_append).Bind(1, id).Bind(2, line.Sequence).Bind(3, line.Time).Bind(4, line.Level).Bind(5, line.Text).Run();
                return true;
            },
            lines.Count,
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<JobLogRow>> ReadLogAsync(string id, long after, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_read);
        query.Bind(1, id).Bind(2, after).Bind(3, (long)limit);
        var lines = new List<JobLogRow>();
        while (query.Step())
            lines.Add(new JobLogRow(query.GetInt64(0), query.GetTime(1), query.GetText(2), query.GetText(3)));
        return new ValueTask<IReadOnlyList<JobLogRow>>(lines);
    }

    public ValueTask<long> LastLogSequenceAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_last);
        return new ValueTask<long>(query.Bind(1, id).Step() ? query.GetInt64OrNull(0) ?? 0 : 0);
    }

    private static List<JobRow> ReadRows(SqliteStatement query)
    {
        var rows = new List<JobRow>();
        while (query.Step())
            rows.Add(new JobRow(query.GetText(0), query.GetText(1), query.GetText(2), query.GetText(3), query.GetInt64(4) == 1, query.GetBytes(5)));
        return rows;
    }
}
