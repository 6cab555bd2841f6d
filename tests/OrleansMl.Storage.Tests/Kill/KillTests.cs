using System.Globalization;
using System.Text;
using Orleans;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.GrainState;
using OrleansMl.Storage.KillTarget;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Kill;

/// <summary>
/// A process that writes to the store is killed with SIGKILL, again and again, on the same folder. What it acknowledged is
/// there exactly once, what it did not is there whole or not at all, and sending that again does no harm.
/// </summary>
public sealed class KillTests : IDisposable
{
    private const int Rounds = 50;

    private readonly DataFolder _folder = new();
    private readonly long[] _verified = new long[Workload.Entities];
    private readonly long[] _lastSequence = new long[Workload.Joiners];
    private readonly long[] _appended = new long[Workload.Streams];
    private readonly int[] _counts = new int[Workload.Counters];
    private long _acknowledged;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_acknowledged_survives_kill_9_and_nothing_is_there_by_halves()
    {
        var random = new Random(20_260_301);
        for (var round = 0; round < Rounds; round++)
        {
            List<string> lines;
            using (var process = new KilledProcess(_folder.Path, round, round % 2 == 0 ? StoreDurability.Power : StoreDurability.Process))
            {
                await process.WaitForFirstAcknowledgmentAsync();
                if (round == 0)
                    Assert.Equal(process.Id, Assert.Throws<StoreLockedException>(() => _folder.Open()).ProcessId);
                // The one wait on a clock: the moment of the kill is what varies.
                await Task.Delay(random.Next(20, 200));
                lines = await process.KillAsync();
            }

            using var store = _folder.Open();
            AssertIntact(store);
            await VerifyEventsAsync(store, lines);
            await VerifyStreamsAsync(store, lines);
            await VerifyOutcomesAsync(store, lines, round);
            await VerifyCountersAsync(store, lines);
            _acknowledged += lines.Count;
        }

        Assert.True(_acknowledged > Rounds * 10, $"Only {_acknowledged} writes were acknowledged in {Rounds} rounds: the test shows little.");
        using var last = _folder.Open();
        for (var entity = 0; entity < Workload.Entities; entity++)
            Assert.Equal(_verified[entity], await last.EntityLog.GetLastSequenceAsync(Workload.EntityKey(entity)));
    }

    private static void AssertIntact(EmbeddedStore store)
    {
        using var lease = store.Readers.Rent();
        Assert.Equal(0, lease.Database.QueryNumber("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"));
    }

    private async Task VerifyEventsAsync(EmbeddedStore store, List<string> lines)
    {
        for (var entity = 0; entity < Workload.Entities; entity++)
        {
            var key = Workload.EntityKey(entity);
            var acknowledged = Last(lines, $"E {entity} ") ?? _verified[entity];
            var last = await store.EntityLog.GetLastSequenceAsync(key);
            Assert.True(last >= acknowledged, $"{key} ends at {last}, but {acknowledged} was acknowledged.");
            Assert.True(last <= acknowledged + Workload.RecordsPerAppend, $"{key} ends at {last}, beyond the one append after {acknowledged}.");
            Assert.Equal(0, last % Workload.RecordsPerAppend);

            var entries = await store.EntityLog.ReadAsync(key, _verified[entity], int.MaxValue);
            var expected = _verified[entity];
            foreach (var entry in entries)
            {
                expected++;
                Assert.Equal((expected, $"e{expected}"), (entry.Sequence, entry.Id));
                Assert.True(entry.Payload.Span.SequenceEqual(Workload.Payload(entity, expected)));
            }

            Assert.Equal(last, expected);

            // The writer does not know whether its last append went in: it sends it again.
            var again = await store.EntityLog.AppendAsync(key, last, Workload.Records(entity, acknowledged + 1), DateTime.UtcNow);
            Assert.All(again, o => Assert.Equal(last > acknowledged ? LogAppendStatus.Duplicate : LogAppendStatus.Appended, o.Status));
            Assert.Equal(acknowledged + 1, again[0].Sequence);
            _verified[entity] = again[^1].Sequence;
        }
    }

    private async Task VerifyOutcomesAsync(EmbeddedStore store, List<string> lines, int round)
    {
        for (var joiner = 0; joiner < Workload.Joiners; joiner++)
        {
            var key = Workload.RoundKey(round, joiner);
            var records = await store.Predictions.ListAsync(new PredictionFilter { EntityKey = key, Limit = int.MaxValue });
            Assert.Equal(Enumerable.Range(0, records.Count).Select(n => Workload.PredictionId(round, joiner, n)), records.Select(r => r.PredictionId));
            var items = await store.Streams.ReadStreamAsync(Workload.Namespace, Workload.Learner(joiner), 0, int.MaxValue);
            // Sequences go on where they ended, although everything before was trimmed.
            Assert.Equal(Enumerable.Range(1, items.Count).Select(i => _lastSequence[joiner] + i), items.Select(i => i.Sequence));
            var examples = items.Select(i => Encoding.UTF8.GetString(i.Record.Span)).ToList();

            // Labelled, outcome stored and example queued: all three or none.
            var labelled = records.Where(r => r.State == PredictionState.Labelled).Select(r => r.PredictionId).ToList();
            Assert.Equal(labelled, examples);
            foreach (var record in records)
            {
                var outcome = await store.Predictions.FindOutcomeAsync(key, "o-" + record.PredictionId);
                Assert.Equal(record.State == PredictionState.Labelled, outcome is not null);
            }

            Assert.Subset(records.Select(r => r.PredictionId).ToHashSet(), Acknowledged(lines, 'P', round, joiner));
            Assert.Subset(labelled.ToHashSet(), Acknowledged(lines, 'L', round, joiner));
            Assert.InRange(labelled.Count, records.Count - 1, records.Count);

            foreach (var open in records.Where(r => r.State == PredictionState.Predicted))
            {
                Assert.True((await store.Predictions.AppendAsync(open)).IsRepeat);
                await store.Predictions.CommitAsync([Workload.Outcome(open)], [Workload.Label(open, joiner)]);
            }

            _lastSequence[joiner] += records.Count;
            Assert.Equal(records.Count, (await store.Streams.ReadStreamAsync(Workload.Namespace, Workload.Learner(joiner), 0, int.MaxValue)).Count);
            await store.Streams.DrainAsync(Workload.Namespace, Workload.Learner(joiner), _lastSequence[joiner]);
        }
    }

    private async Task VerifyCountersAsync(EmbeddedStore store, List<string> lines)
    {
        var grains = new EmbeddedGrainStorage(store, new JsonGrainStateSerializer());
        for (var counter = 0; counter < Workload.Counters; counter++)
        {
            var state = new GrainState<Workload.CounterState>();
            await grains.ReadStateAsync("count", Workload.CounterGrain(counter), state);
            var acknowledged = (int)(Last(lines, $"G {counter} ") ?? _counts[counter]);
            Assert.InRange(state.State!.Count, acknowledged, acknowledged + 1);
            Assert.Equal(state.State.Count == 0 ? null : state.State.Count.ToString(CultureInfo.InvariantCulture), state.ETag);
            _counts[counter] = state.State.Count;
        }
    }

    private async Task VerifyStreamsAsync(EmbeddedStore store, List<string> lines)
    {
        for (var stream = 0; stream < Workload.Streams; stream++)
        {
            var acknowledged = Last(lines, $"S {stream} ") ?? _appended[stream];
            var last = (await store.Streams.GetStreamAsync(Workload.Flow, Workload.StreamKey(stream))).LastSequence;
            Assert.InRange(last, acknowledged, acknowledged + 1);
            _appended[stream] = last;

            // Trimmed from the front alone, and what is left is whole.
            var left = await store.Streams.ReadStreamAsync(Workload.Flow, Workload.StreamKey(stream), 0, int.MaxValue);
            Assert.Equal(Enumerable.Range(0, left.Count).Select(i => last - left.Count + 1 + i), left.Select(i => i.Sequence));
            Assert.All(left, i => Assert.True(i.Record.Span.SequenceEqual(Workload.Payload(stream, i.Sequence))));
        }

        for (var queue = 0; queue < store.Streams.Queues; queue++)
        {
            // Nothing from the position on is missing, and the position is where it was acknowledged, or one step further.
            var (position, end) = await store.Streams.GetQueueAsync(queue);
            Assert.True(position >= (Last(lines, $"Q {queue} ") ?? -1));
            var from = Math.Max(0, position);
            var waiting = await store.Streams.ReadAsync(queue, from, int.MaxValue, TimeSpan.Zero);
            Assert.Equal(end - from, waiting.Count);
        }
    }

    private static long? Last(List<string> lines, string prefix)
    {
        var line = lines.LastOrDefault(l => l.StartsWith(prefix, StringComparison.Ordinal));
        return line is null ? null : long.Parse(line.AsSpan(prefix.Length), CultureInfo.InvariantCulture);
    }

    private static HashSet<string> Acknowledged(List<string> lines, char kind, int round, int joiner)
    {
        var prefix = $"{kind} {Workload.PredictionId(round, joiner, 0)[..^8]}";
        return [.. lines.Where(l => l.StartsWith(prefix, StringComparison.Ordinal)).Select(l => l[2..])];
    }
}
