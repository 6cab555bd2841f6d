using System.Diagnostics.Metrics;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Commit;

public sealed class EmbeddedStoreTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_store_on_the_folder_is_refused_and_told_who_holds_it()
    {
        using (_folder.Open())
        {
            var locked = Assert.Throws<StoreLockedException>(() => _folder.Open());
            Assert.Equal(Environment.ProcessId, locked.ProcessId);
            Assert.Contains($"process {Environment.ProcessId} since 20", locked.Message, StringComparison.Ordinal);
            Assert.Equal(_folder.Path, locked.DataFolder);
        }

        using var again = _folder.Open();
    }

    [Fact]
    public void A_lock_file_that_a_dead_process_left_does_not_block()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "oml.lock"), "");
        File.WriteAllText(Path.Combine(_folder.Path, "oml.lock.json"), """{"processId":1,"since":"2020-01-01T00:00:00Z"}""");
        using var store = _folder.Open();
    }

    [Fact]
    public void A_store_of_a_newer_schema_is_refused_with_both_versions_and_left_unlocked()
    {
        _folder.Open().Dispose();
        using (var database = SqliteDatabase.Open(Path.Combine(_folder.Path, "oml.db"), readOnly: false))
            database.Execute("UPDATE store_info SET value = 99 WHERE name = 'schema';");
        for (var i = 0; i < 2; i++)
        {
            var error = Assert.Throws<StoreSchemaException>(() => _folder.Open());
            Assert.Equal((99, 3), (error.Found, error.Known));
        }
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "oml.db"), new string('x', 10_000));
        Assert.Throws<StoreException>(() => _folder.Open());
    }

    [Theory]
    [InlineData("DataFolder")]
    [InlineData("MaxBatchRows")]
    [InlineData("QueueCapacity")]
    [InlineData("KeptReaders")]
    [InlineData("LogBufferBytes")]
    [InlineData("MaxDatabaseBytes")]
    public void An_option_out_of_range_is_named(string option)
    {
        var error = Assert.Throws<ArgumentException>(() => _folder.Open(options =>
        {
            var property = typeof(EmbeddedStoreOptions).GetProperty(option)!;
            object wrong = option switch { "DataFolder" => " ", "MaxDatabaseBytes" => 5L, "LogBufferBytes" => -1, _ => 0 };
            property.SetValue(options, wrong);
        }));
        Assert.Contains(option, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_after_closing_fail_and_calls_before_it_are_written()
    {
        var store = _folder.Open();
        var appends = Enumerable.Range(0, 200).Select(i => store.EntityLog.AppendAsync($"c:{i}", 0, [Some.Record("a")], Some.Noon).AsTask()).ToList();
        await store.DisposeAsync();
        store.Dispose();
        await Task.WhenAll(appends);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.EntityLog.AppendAsync("c:0", 1, [Some.Record("b")], Some.Noon));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.EntityLog.GetLastSequenceAsync("c:0"));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "oml.db-wal")));
        using var again = _folder.Open();
        for (var i = 0; i < 200; i++)
            Assert.Equal(1, await again.EntityLog.GetLastSequenceAsync($"c:{i}"));
    }

    [Fact]
    public async Task A_failing_operation_does_not_spoil_the_others_of_its_commit()
    {
        using var store = _folder.Open();
        using var hold = Hold(store);
        var good = Enumerable.Range(0, 20).Select(i => store.EntityLog.AppendAsync($"c:{i}", 0, [Some.Record("a"), Some.Record("b")], Some.Noon).AsTask()).ToList();
        var bad = Enumerable.Range(0, 20).Select(i => store.EntityLog.AppendAsync($"c:{i}", 0, [Some.Record("c")], Some.Noon).AsTask()).ToList();
        // Fails halfway: its first record is written before the second is refused.
        var half = Enumerable.Range(0, 20).Select(i => store.Streams.AppendAsync([new StreamAppend("examples", $"d{i}", Some.Bytes("a")), new StreamAppend("examples", "\ud800", Some.Bytes("b"))]).AsTask()).ToList();
        var late = store.EntityLog.AppendAsync("c:7", 2, [Some.Record("z")], Some.Noon).AsTask();
        hold.Release();
        await Task.WhenAll(good);
        foreach (var task in bad)
            await Assert.ThrowsAsync<LogFencedException>(() => task);
        foreach (var task in half)
            await Assert.ThrowsAnyAsync<ArgumentException>(() => task);
        Assert.Equal(3, (await late)[0].Sequence);
        Assert.Empty(await store.Streams.ReadStreamAsync("examples", "d3", 0, 10));
        Assert.Equal(2, await store.EntityLog.GetLastSequenceAsync("c:3"));
        Assert.Equal(["a", "b", "z"], (await store.EntityLog.ReadAsync("c:7", 0, 10)).Select(e => e.Id));
        Assert.Equal(["a", "b"], (await store.EntityLog.ReadAsync("c:8", 0, 10)).Select(e => e.Id));
    }

    [Fact]
    public async Task Work_that_ran_for_nothing_runs_again_without_what_failed()
    {
        using var store = _folder.Open();
        using var hold = Hold(store);
        var runs = 0;
        var first = store.Writer.RunAsync(_ => ++runs, 1, CancellationToken.None).AsTask();
        var half = store.Streams.AppendAsync([new StreamAppend("examples", "u", Some.Bytes("a")), new StreamAppend("examples", "\ud800", Some.Bytes("b"))]).AsTask();
        var topic = store.Streams.AppendAsync([new StreamAppend("examples", "t", Some.Bytes("x"))]).AsTask();
        var next = store.EntityLog.AppendAsync("c:1", 0, [Some.Record("b")], Some.Noon).AsTask();
        hold.Release();
        await Assert.ThrowsAnyAsync<ArgumentException>(() => half);
        Assert.Equal(2, await first);
        Assert.Equal(new(LogAppendStatus.Appended, 1), (await next)[0]);
        await topic;
        Assert.Equal(1, (await store.Streams.ReadStreamAsync("examples", "t", 0, 10))[0].Sequence);
        Assert.Equal("b", (await store.EntityLog.ReadAsync("c:1", 0, 10)).Single().Id);
    }

    [Fact]
    public async Task Work_that_is_cancelled_before_its_turn_is_not_done()
    {
        using var store = _folder.Open();
        using var cancellation = new CancellationTokenSource();
        using var hold = Hold(store);
        var waiting = store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        hold.Release();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, await store.EntityLog.GetLastSequenceAsync("c:1"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon, cancellation.Token));
    }

    [Fact]
    public async Task A_full_queue_makes_callers_wait_and_lets_them_give_up()
    {
        using var store = _folder.Open(o => o.QueueCapacity = 2);
        using var cancellation = new CancellationTokenSource();
        using var hold = Hold(store);
        var queued = Enumerable.Range(0, 2).Select(i => store.EntityLog.AppendAsync($"q:{i}", 0, [Some.Record("a")], Some.Noon).AsTask()).ToList();
        var waiting = store.EntityLog.AppendAsync("w:1", 0, [Some.Record("a")], Some.Noon).AsTask();
        var leaving = store.EntityLog.AppendAsync("w:2", 0, [Some.Record("a")], Some.Noon, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        // The writer is held, so whoever is in the queue could not have noticed.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.False(waiting.IsCompleted);
        hold.Release();
        await Task.WhenAll([.. queued, waiting]);
        Assert.Equal(1, await store.EntityLog.GetLastSequenceAsync("w:1"));
        Assert.Equal(0, await store.EntityLog.GetLastSequenceAsync("w:2"));
    }

    [Fact]
    public async Task When_the_disk_is_full_callers_are_told_nothing_of_theirs_is_stored_and_the_store_goes_on()
    {
        var payload = new string('x', 100_000);
        using var store = _folder.Open(o => o.MaxDatabaseBytes = 2 << 20);
        await store.Streams.AppendAsync([.. Enumerable.Range(0, 10).Select(_ => new StreamAppend("examples", "t", Some.Bytes(payload)))]);
        var stored = 0;
        StoreException? full = null;
        while (full is null)
        {
            try
            {
                await store.EntityLog.AppendAsync("c:1", stored, [Some.Record($"e{stored}", payload)], Some.Noon);
                stored++;
                Assert.InRange(stored, 0, 30);
            }
            catch (StoreException e)
            {
                full = e;
            }
        }

        Assert.Equal(13, full.ResultCode & 0xff);
        Assert.Equal(stored, await store.EntityLog.GetLastSequenceAsync("c:1"));
        await store.Streams.DrainAsync("examples", "t", 10);
        var outcome = await store.EntityLog.AppendAsync("c:1", stored, [Some.Record($"e{stored}", payload)], Some.Noon);
        Assert.Equal(new(LogAppendStatus.Appended, stored + 1), outcome[0]);
    }

    [Fact]
    public async Task A_commit_that_fails_fails_all_its_callers_and_the_next_one_works()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
        using var hold = Hold(store);
        var before = store.EntityLog.AppendAsync("c:1", 1, [Some.Record("b")], Some.Noon).AsTask();
        // Takes the transaction away from under the batch, as SQLite does by itself after some I/O errors.
        var spoiler = store.Writer.RunAsync<int>(
            session =>
            {
                session.Database.Execute("ROLLBACK;");
                throw new StoreException("a failing disk", 10);
            },
            1,
            CancellationToken.None).AsTask();
        var after = store.EntityLog.AppendAsync("c:1", 2, [Some.Record("c")], Some.Noon).AsTask();
        hold.Release();
        foreach (var task in new[] { before, (Task)spoiler, after })
        {
            var error = await Assert.ThrowsAsync<StoreException>(() => task);
            Assert.Contains("nothing of it was stored", error.Message, StringComparison.Ordinal);
            Assert.Equal(10, error.ResultCode);
        }

        Assert.Equal(1, await store.EntityLog.GetLastSequenceAsync("c:1"));
        var outcome = await store.EntityLog.AppendAsync("c:1", 1, [Some.Record("b")], Some.Noon);
        Assert.Equal(2, outcome[0].Sequence);
    }

    [Fact]
    public async Task A_connection_that_does_not_survive_is_opened_anew()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
        await Assert.ThrowsAsync<StoreException>(async () => await store.Writer.RunAsync<int>(
            session =>
            {
                session.Database.Dispose();
                throw new StoreException("a failing disk", 10);
            },
            1,
            CancellationToken.None));
        await store.EntityLog.AppendAsync("c:1", 1, [Some.Record("b")], Some.Noon);
        Assert.Equal(2, await store.EntityLog.GetLastSequenceAsync("c:1"));
    }

    [Fact]
    public async Task Readers_see_what_was_acknowledged_while_writers_go_on()
    {
        using var store = _folder.Open();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await store.EntityLog.AppendAsync($"c:{w}", i, [Some.Record($"e{i}")], Some.Noon);
                Assert.Equal(i + 1, await store.EntityLog.GetLastSequenceAsync($"c:{w}"));
                Assert.Equal($"e{i}", (await store.EntityLog.ReadAsync($"c:{w}", i, 10))[0].Id);
            }
        })));
    }

    [Fact]
    public async Task Both_durabilities_write_to_the_log_of_sqlite_with_their_own_synchronous_setting()
    {
        foreach (var (durability, expected) in new[] { (StoreDurability.Power, 2), (StoreDurability.Process, 1) })
        {
            using var store = _folder.Open(o => o.Durability = durability);
            var (synchronous, journal) = await store.Writer.RunAsync(
                session => (session.Database.QueryNumber("PRAGMA synchronous"), session.Database.QueryNumber("SELECT journal_mode = 'wal' FROM pragma_journal_mode")),
                1,
                CancellationToken.None);
            Assert.Equal((expected, 1), (synchronous, journal));
        }
    }

    [Fact]
    public async Task Operations_that_wait_together_share_one_commit()
    {
        using var store = _folder.Open();
        using var hold = Hold(store);
        var commits = new System.Collections.Concurrent.ConcurrentBag<int>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "oml.store.commit.operations")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, operations, _, _) => commits.Add(operations));
        listener.Start();
        // A number that no other test commits at once.
        var appends = Enumerable.Range(0, 137).Select(i => store.EntityLog.AppendAsync($"c:{i}", 0, [Some.Record("a")], Some.Noon).AsTask()).ToList();
        hold.Release();
        await Task.WhenAll(appends);
        await store.DisposeAsync();
        Assert.Contains(137, commits);
    }

    /// <summary>Holds the writer in an operation of its own until released, so that what comes after shares a commit.</summary>
    private static Held Hold(EmbeddedStore store) => new(store);

    private sealed class Held : IDisposable
    {
        private readonly ManualResetEventSlim _release = new();
        private readonly Task _running;

        public Held(EmbeddedStore store)
        {
            using var entered = new ManualResetEventSlim();
            _running = store.Writer.RunAsync(
                _ =>
                {
                    entered.Set();
                    return _release.Wait(TimeSpan.FromSeconds(30));
                },
                1,
                CancellationToken.None).AsTask();
            Assert.True(entered.Wait(TimeSpan.FromSeconds(30)));
        }

        public void Release() => _release.Set();

        public void Dispose()
        {
            Release();
            _running.Wait(TimeSpan.FromSeconds(30));
            _release.Dispose();
        }
    }
}
