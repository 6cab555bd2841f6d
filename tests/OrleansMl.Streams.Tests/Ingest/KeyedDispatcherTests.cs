using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using OrleansMl.Storage;

namespace OrleansMl.Streams.Tests.Ingest;

public sealed class KeyedDispatcherTests : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Scripted _handler = new();
    private readonly Letters _letters = new();
    private readonly BulkOptions _options = new() { MaxPerCall = 3, MinBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(2), MaxInFlight = 10, MaxCalls = 2, SlowCall = TimeSpan.FromMilliseconds(20), MaxDeliveryTime = TimeSpan.FromSeconds(20) };

    public void Dispose() => _stop.Cancel();

    [Fact]
    public async Task Every_record_is_applied_once_in_the_order_of_its_key_whatever_comes_between()
    {
        var script = Gen.Choose(0, 5).ListOf().Select(keys => keys.ToArray());
        await Task.CompletedTask;
        Prop.ForAll(script.ToArbitrary(), keys =>
        {
            var handler = new Scripted { Flaky = true };
            var dispatcher = Dispatcher(handler);
            foreach (var chunk in keys.Select((key, i) => Record(i, key.ToString(), $"{i}")).Chunk(4))
                Dispatch(dispatcher, chunk);
            dispatcher.DrainAsync(TimeSpan.FromSeconds(20)).Wait();
            foreach (var key in keys.Distinct())
            {
                var expected = keys.Select((k, i) => (k, i)).Where(x => x.k == key).Select(x => x.i.ToString());
                if (!handler.Applied.GetValueOrDefault(key.ToString(), []).SequenceEqual(expected))
                    return false;
            }

            return dispatcher.InFlight == 0 && dispatcher.Next == (keys.Length == 0 ? -1 : keys.Length);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task A_key_that_waits_holds_the_position_and_nothing_else()
    {
        var gate = new TaskCompletionSource();
        _handler.Before = key => key == "slow" ? gate.Task : Task.CompletedTask;
        var dispatcher = Dispatcher(_handler);
        Dispatch(dispatcher, [Record(7, "quick", "a"), Record(8, "slow", "b"), Record(9, "quick", "c"), Record(10, "quick", "d")]);
        await UntilAsync(() => dispatcher.InFlight == 1);
        Assert.Equal(8, dispatcher.Next);
        Assert.Equal(["a", "c", "d"], _handler.Applied["quick"]);
        gate.SetResult();
        await dispatcher.DrainAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(11, dispatcher.Next);
    }

    [Fact]
    public async Task Keys_that_wait_their_turn_gather_records_and_slow_ones_do_not_keep_their_places()
    {
        var gate = new TaskCompletionSource();
        var calls = new ConcurrentQueue<string>();
        _handler.Before = key =>
        {
            calls.Enqueue(key);
            return key.StartsWith("slow", StringComparison.Ordinal) ? gate.Task : Task.CompletedTask;
        };
        var dispatcher = Dispatcher(_handler);
        Dispatch(dispatcher, [Record(0, "slow1", "a"), Record(1, "slow2", "a"), Record(2, "k", "b")]);
        Dispatch(dispatcher, [Record(3, "k", "c"), Record(4, "k", "d")]);
        await UntilAsync(() => dispatcher.InFlight == 2);
        Assert.Equal(["slow1", "slow2", "k"], calls);
        Assert.Equal(["b", "c", "d"], _handler.Applied["k"]);
        gate.SetResult();
        await dispatcher.DrainAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(5, dispatcher.Next);
    }

    [Fact]
    public async Task What_is_refused_is_a_dead_letter_with_its_reason_and_the_key_goes_on()
    {
        _handler.FateOf = (_, item) => item == "bad" ? RecordFate.Refused("unknown_event_type", "No such event.") : RecordFate.Applied;
        var dispatcher = Dispatcher(_handler);
        Dispatch(dispatcher, [Record(0, "k", "a"), Record(1, "k", "bad"), Record(2, "k", "b")]);
        await dispatcher.DrainAsync(TimeSpan.FromSeconds(10));
        var letter = Assert.Single(_letters.All);
        Assert.Equal(("unknown_event_type", "test:p/0@1"), (letter.Reason, letter.Source));
        Assert.Equal(["a", "b"], _handler.Applied["k"]);
        Assert.Equal(3, dispatcher.Next);
    }

    [Fact]
    public async Task What_does_not_pass_in_time_is_a_dead_letter_with_what_waits_behind_it()
    {
        _options.MaxDeliveryTime = TimeSpan.FromMilliseconds(50);
        _handler.FateOf = (_, item) => item == "stuck" ? RecordFate.Later("not_ready", "moving") : RecordFate.Applied;
        var dispatcher = Dispatcher(_handler);
        Dispatch(dispatcher, [Record(0, "k", "stuck"), Record(1, "k", "b")]);
        await dispatcher.DrainAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["b", "stuck"], _letters.All.Select(l => l.RecordId).Order());
        Assert.All(_letters.All, l => Assert.Equal("not_ready", l.Reason));
        Assert.Equal(2, dispatcher.Next);
    }

    [Fact]
    public async Task A_handler_that_throws_is_tried_again()
    {
        var throws = 2;
        _handler.Before = _ => Interlocked.Decrement(ref throws) >= 0 ? throw new IOException("boom") : Task.CompletedTask;
        var dispatcher = Dispatcher(_handler);
        Dispatch(dispatcher, [Record(0, "k", "a")]);
        await dispatcher.DrainAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["a"], _handler.Applied["k"]);
        Assert.Empty(_letters.All);
    }

    [Fact]
    public async Task Unreadable_records_and_own_ones_pass_without_being_applied()
    {
        var dispatcher = Dispatcher(_handler);
        Dispatch(dispatcher, [Record(0, "k", "?"), Record(1, "k", "own"), Record(2, "k", "a") with { Fault = new LogFault("too_large", "10 MB") }]);
        await dispatcher.DrainAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["too_large", "unparsable"], _letters.All.Select(l => l.Reason).Order());
        Assert.Empty(_handler.Applied);
        Assert.Equal(3, dispatcher.Next);
    }

    [Fact]
    public void It_counts_what_is_on_its_way()
    {
        _handler.Before = _ => new TaskCompletionSource().Task;
        var dispatcher = Dispatcher(_handler);
        Dispatch(dispatcher, [.. Enumerable.Range(0, 9).Select(i => Record(i, "k", "a"))]);
        Assert.Equal(9, dispatcher.InFlight);
        Dispatch(dispatcher, [Record(9, "k", "a")]);
        Assert.Equal(10, dispatcher.InFlight);
    }

    [Fact]
    public async Task What_comes_in_pieces_of_one_key_is_applied_in_one_call()
    {
        var calls = 0;
        _handler.Before = _ =>
        {
            calls++;
            return Task.CompletedTask;
        };
        var dispatcher = Dispatcher(_handler);
        dispatcher.Add([Record(0, "k", "a"), Record(1, "k", "b")]);
        dispatcher.Add([Record(2, "k", "c")]);
        Assert.Equal(0, calls);
        dispatcher.Start();
        await dispatcher.DrainAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1, calls);
        Assert.Equal(["a", "b", "c"], _handler.Applied["k"]);
    }

    private static void Dispatch(KeyedDispatcher dispatcher, LogRecord[] records)
    {
        dispatcher.Add(records);
        dispatcher.Start();
    }

    private static LogRecord Record(long offset, string key, string data) =>
        new(offset, StreamId.Create("test", "0"), new StreamRecord { Id = data, Type = "t", Key = key, Data = Encoding.UTF8.GetBytes(data) });

    private KeyedDispatcher Dispatcher(IRecordHandler handler) => new(
        "test", "p/0", handler, new DeadLetterWriter([_letters], TimeProvider.System, new StreamInstruments(new Meters()), NullLogger.Instance), _options, _stop.Token);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(10); !condition(); await Task.Delay(2))
            Assert.True(DateTime.UtcNow < deadline);
    }

    private sealed class Scripted : IRecordHandler
    {
        private int _calls;

        public string Namespace => "test";

        public bool Flaky { get; init; }

        public Func<string, Task>? Before { get; set; }

        public Func<string, string, RecordFate> FateOf { get; set; } = (_, _) => RecordFate.Applied;

        public ConcurrentDictionary<string, List<string>> Applied { get; } = new();

        public PlannedRecord Plan(StreamRecord record) => Encoding.UTF8.GetString(record.Data.Span) switch
        {
            "?" => PlannedRecord.Refuse("unparsable", "no JSON"),
            "own" => PlannedRecord.Done,
            var text => PlannedRecord.Apply(record.Key!, text),
        };

        public async ValueTask<IReadOnlyList<RecordFate>> ApplyAsync(string orderKey, IReadOnlyList<object> items, CancellationToken cancellationToken)
        {
            Assert.InRange(items.Count, 1, 3);
            if (Before is { } before)
                await before(orderKey);

            // Every third call leaves its last record for later.
            var late = Flaky && Interlocked.Increment(ref _calls) % 3 == 0;
            if (late)
                await Task.Yield();
            var fates = items.Select((item, i) => late && i == items.Count - 1 ? RecordFate.Later("not_ready", "later") : FateOf(orderKey, (string)item)).ToList();
            var waits = fates.FindIndex(f => f.IsPassing);
            for (var i = waits; i >= 0 && i < fates.Count; i++)
                fates[i] = fates[waits];
            var applied = Applied.GetOrAdd(orderKey, static _ => []);
            lock (applied)
                applied.AddRange(items.Zip(fates).Where(p => p.Second.Fault is null).Select(p => (string)p.First));
            return fates;
        }
    }

    private sealed class Letters : IDeadLetterSink
    {
        public ConcurrentQueue<DeadLetter> All { get; } = new();

        public Task WriteAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
        {
            foreach (var letter in letters)
                All.Enqueue(letter);
            return Task.CompletedTask;
        }
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
