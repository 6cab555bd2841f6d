using System.Globalization;
using Orleans;
using Orleans.Runtime;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Reminders;

/// <summary>
/// Reminders in the embedded store: schedules and watchdogs outlive the process. Hashes of grains are the engine's and are
/// not stored: they are computed when a range is read, which takes every row. Reminders are few: none is per entity.
/// </summary>
public sealed class EmbeddedReminderTable(EmbeddedStore store) : IReminderTable
{
    private const string Select = "SELECT grain, name, start_at, period, etag FROM reminders ";

    private static readonly SqlText s_ofGrain = new(Select + "WHERE grain = ?1 ORDER BY name");
    private static readonly SqlText s_one = new(Select + "WHERE grain = ?1 AND name = ?2");
    private static readonly SqlText s_all = new(Select);
    private static readonly SqlText s_nextETag = new("UPDATE store_info SET value = value + 1 WHERE name = 'reminder_etag' RETURNING value");
    private static readonly SqlText s_remove = new("DELETE FROM reminders WHERE grain = ?1 AND name = ?2 AND etag = ?3");
    private static readonly SqlText s_clear = new("DELETE FROM reminders");

    private static readonly SqlText s_put = new(
        "INSERT OR REPLACE INTO reminders (grain, name, start_at, period, etag) VALUES (?1, ?2, ?3, ?4, ?5)");

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) => Read(s_ofGrain, query => query.Bind(1, grainId.ToString()));

    /// <inheritdoc/>
    /// <remarks>The range is (begin, end] on the ring of hashes: where begin is not below end it goes around, and begin = end is the whole ring.</remarks>
    public Task<ReminderTableData> ReadRows(uint begin, uint end)
        => Read(s_all, _ => { }, grain =>
        {
            var hash = grain.GetUniformHashCode();
            return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
        });

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
        => (await Read(s_one, query => query.Bind(1, grainId.ToString()).Bind(2, reminderName)).ConfigureAwait(false)).Reminders.FirstOrDefault();

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var grain = entry.GrainId.ToString();
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
                    .Bind(1, grain).Bind(2, name).Bind(3, startAt).Bind(4, period.Ticks).Bind(5, next)
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

    private Task<ReminderTableData> Read(SqlText sql, Action<SqliteStatement> bind, Func<GrainId, bool>? isWanted = null)
    {
        using var lease = store.Readers.Rent();
        using var query = lease.Database.Prepare(sql);
        bind(query);
        var entries = new List<ReminderEntry>();
        while (query.Step())
        {
            var grain = ParseGrain(query.GetText(0));
            if (isWanted?.Invoke(grain) == false)
                continue;
            entries.Add(new ReminderEntry
            {
                GrainId = grain,
                ReminderName = query.GetText(1),
                StartAt = query.GetTime(2),
                Period = TimeSpan.FromTicks(query.GetInt64(3)),
                ETag = Text(query.GetInt64(4)),
            });
        }

        return Task.FromResult(new ReminderTableData(entries));
    }
}
