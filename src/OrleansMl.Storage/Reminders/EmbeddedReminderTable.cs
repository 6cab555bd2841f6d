using System.Globalization;
using Orleans;
using Orleans.Runtime;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Reminders;

/// <summary>Reminders in the embedded store: schedules and watchdogs outlive the process.</summary>
public sealed class EmbeddedReminderTable(EmbeddedStore store) : IReminderTable
{
    private const string Select = "SELECT grain, name, start_at, period, etag FROM reminders ";

    private static readonly SqlText s_ofGrain = new(Select + "WHERE grain = ?1 ORDER BY name");
    private static readonly SqlText s_one = new(Select + "WHERE grain = ?1 AND name = ?2");
    private static readonly SqlText s_between = new(Select + "WHERE hash > ?1 AND hash <= ?2");
    private static readonly SqlText s_around = new(Select + "WHERE hash > ?1 OR hash <= ?2");
    private static readonly SqlText s_nextETag = new("UPDATE store_info SET value = value + 1 WHERE name = 'reminder_etag' RETURNING value");
    private static readonly SqlText s_remove = new("DELETE FROM reminders WHERE grain = ?1 AND name = ?2 AND etag = ?3");
    private static readonly SqlText s_clear = new("DELETE FROM reminders");

    private static readonly SqlText s_put = new(
        "INSERT OR REPLACE INTO reminders (grain, name, hash, start_at, period, etag) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) => Read(s_ofGrain, query => query.Bind(1, grainId.ToString()));

    /// <inheritdoc/>
    /// <remarks>The range is (begin, end] on the ring of hashes: where begin is not below end it goes around, and begin = end is the whole ring.</remarks>
    public Task<ReminderTableData> ReadRows(uint begin, uint end)
        => Read(begin < end ? s_between : s_around, query => query.Bind(1, (long)begin).Bind(2, (long)end));

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
        => (await Read(s_one, query => query.Bind(1, grainId.ToString()).Bind(2, reminderName)).ConfigureAwait(false)).Reminders.FirstOrDefault();

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var grain = entry.GrainId.ToString();
        var hash = entry.GrainId.GetUniformHashCode();
        var (name, startAt, period) = (entry.ReminderName, entry.StartAt, entry.Period);
        var etag = await store.Writer.RunAsync(
            session =>
            {
                long next;
                using (var counter = session.Database.Prepare(s_nextETag))
                {
                    counter.Step();
                    next = counter.GetInt64(0);
                }

                session.Database.Prepare(s_put)
                    .Bind(1, grain).Bind(2, name).Bind(3, (long)hash).Bind(4, startAt).Bind(5, period.Ticks).Bind(6, next)
                    .Run();
                return next;
            },
            1,
            CancellationToken.None).ConfigureAwait(false);
        entry.ETag = Text(etag);
        return entry.ETag;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        if (!long.TryParse(eTag, NumberStyles.None, CultureInfo.InvariantCulture, out var etag))
            return false;
        return await store.Writer.RunAsync(
            session =>
            {
                session.Database.Prepare(s_remove).Bind(1, grainId.ToString()).Bind(2, reminderName).Bind(3, etag).Run();
                return session.Database.Changes > 0;
            },
            1,
            CancellationToken.None).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task TestOnlyClearTable()
        => await store.Writer.RunAsync(
            session =>
            {
                session.Database.Run(s_clear);
                return true;
            },
            1,
            CancellationToken.None).ConfigureAwait(false);

    private static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    private static GrainId ParseGrain(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return GrainId.Create(text[..slash], text[(slash + 1)..]);
    }

    private Task<ReminderTableData> Read(SqlText sql, Action<SqliteStatement> bind)
    {
        using var lease = store.Readers.Rent();
        using var query = lease.Database.Prepare(sql);
        bind(query);
        var entries = new List<ReminderEntry>();
        while (query.Step())
        {
            entries.Add(new ReminderEntry
            {
                GrainId = ParseGrain(query.GetText(0)),
                ReminderName = query.GetText(1),
                StartAt = query.GetTime(2),
                Period = TimeSpan.FromTicks(query.GetInt64(3)),
                ETag = Text(query.GetInt64(4)),
            });
        }

        return Task.FromResult(new ReminderTableData(entries));
    }
}
