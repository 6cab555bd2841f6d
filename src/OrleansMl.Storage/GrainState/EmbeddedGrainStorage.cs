using System.Globalization;
using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.GrainState;

/// <summary>
/// Grain state in the embedded store: a row for each (state name, grain id). The ETag is a number that rises with each
/// write. A cleared state leaves no row; the highest ETag ever cleared is kept instead, so that a state created anew never
/// gets an ETag that an old activation may still hold.
/// </summary>
public sealed class EmbeddedGrainStorage(EmbeddedStore store, IGrainStateSerializer serializer) : IGrainStorage
{
    private static readonly SqlText s_read = new("SELECT etag, data FROM grain_state WHERE name = ?1 AND grain = ?2");
    private static readonly SqlText s_find = new("SELECT etag FROM grain_state WHERE name = ?1 AND grain = ?2");
    private static readonly SqlText s_insert = new("INSERT INTO grain_state (name, grain, etag, data) VALUES (?1, ?2, ?3, ?4)");
    private static readonly SqlText s_update = new("UPDATE grain_state SET etag = ?3, data = ?4 WHERE name = ?1 AND grain = ?2");
    private static readonly SqlText s_delete = new("DELETE FROM grain_state WHERE name = ?1 AND grain = ?2");
    private static readonly SqlText s_floor = new("SELECT value FROM store_info WHERE name = 'grain_state_etag_floor'");
    private static readonly SqlText s_raiseFloor = new("UPDATE store_info SET value = max(value, ?1) WHERE name = 'grain_state_etag_floor'");

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        long etag;
        byte[] data;
        using (var lease = store.Readers.Rent())
        using (var query = lease.Database.Prepare(s_read))
        {
            if (!query.Bind(1, stateName).Bind(2, grainId.ToString()).Step())
            {
                SetMissing(grainState);
                return Task.CompletedTask;
            }

            etag = query.GetInt64(0);
            data = query.GetBytes(1);
        }

        grainState.State = serializer.Deserialize<T>(data) ?? Fresh<T>();
        grainState.ETag = Text(etag);
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">The ETag is not the stored one: another activation has written.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        // On the caller's thread, in the grain's turn: later changes of the state are not part of this write.
        var data = serializer.Serialize(grainState.State);
        var grain = grainId.ToString();
        var current = grainState.ETag;
        var written = await store.Writer.RunAsync(
            session =>
            {
                var stored = RequireETag(session.Database, stateName, grain, current, "written");
                var next = (stored ?? Floor(session.Database)) + 1;
                session.Database.Prepare(stored is null ? s_insert : s_update).Bind(1, stateName).Bind(2, grain).Bind(3, next).Bind(4, data.Span).Run();
                return next;
            },
            1 + (data.Length >> 12),
            CancellationToken.None).ConfigureAwait(false);
        grainState.ETag = Text(written);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">The ETag is not the stored one: another activation has written.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var grain = grainId.ToString();
        var current = grainState.ETag;
        await store.Writer.RunAsync(
            session =>
            {
                if (RequireETag(session.Database, stateName, grain, current, "cleared") is not { } stored)
                    return false;
                session.Database.Prepare(s_delete).Bind(1, stateName).Bind(2, grain).Run();
                session.Database.Prepare(s_raiseFloor).Bind(1, stored).Run();
                return true;
            },
            1,
            CancellationToken.None).ConfigureAwait(false);
        SetMissing(grainState);
    }

    private static long? RequireETag(SqliteDatabase database, string stateName, string grain, string? current, string done)
    {
        using var query = database.Prepare(s_find);
        long? stored = query.Bind(1, stateName).Bind(2, grain).Step() ? query.GetInt64(0) : null;
        var storedText = stored is { } etag ? Text(etag) : null;
        // Some engines hand out an empty ETag for none.
        var currentText = string.IsNullOrEmpty(current) ? null : current;
        if (storedText == currentText)
            return stored;
        throw new InconsistentStateException(
            $"State '{stateName}' of grain '{grain}' cannot be {done}: its stored ETag is {storedText ?? "none"}, the caller's is {currentText ?? "none"}. "
            + "Another activation has written it; reload and try again.",
            storedText,
            currentText);
    }

    private static long Floor(SqliteDatabase database)
    {
        using var query = database.Prepare(s_floor);
        return query.Step() ? query.GetInt64(0) : 0;
    }

    private static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    private static void SetMissing<T>(IGrainState<T> grainState)
    {
        grainState.State = Fresh<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    // As the engine creates states: by the parameterless constructor, or without one where the type has none.
    private static T Fresh<T>()
    {
        if (typeof(T).IsValueType)
            return default!;
        if (typeof(T) == typeof(string))
            return (T)(object)"";
        return typeof(T).GetConstructor(Type.EmptyTypes) is null
            ? (T)RuntimeHelpers.GetUninitializedObject(typeof(T))
            : Activator.CreateInstance<T>();
    }
}
