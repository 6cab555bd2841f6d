using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Storage.Embedded.Streams;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Streams;

/// <summary>The stream log against lists in memory, over random appends, reads, positions, releases, trims and reopenings.</summary>
public sealed class StreamLogModelTests
{
    private const int Queues = 2;

    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);
    private static readonly (string Namespace, string Key)[] s_streams = [("examples", "a"), ("examples", "ü/1"), ("events", "a"), ("events", ""), ("outcomes", "7")];

    [Fact]
    public void The_stream_log_behaves_as_lists_in_memory_do_across_reopenings()
    {
        var step = from kind in Gen.Frequency(
                       (8, Gen.Constant(StepKind.Append)), (3, Gen.Constant(StepKind.Position)), (2, Gen.Constant(StepKind.Release)),
                       (3, Gen.Constant(StepKind.Trim)), (3, Gen.Constant(StepKind.Advance)), (1, Gen.Constant(StepKind.Rewind)),
                       (1, Gen.Constant(StepKind.RewindToTime)), (1, Gen.Constant(StepKind.Reopen)))
                   from streams in Gen.Choose(0, s_streams.Length - 1).ArrayOf()
                   from stream in Gen.Choose(0, s_streams.Length - 1)
                   from number in Gen.Choose(0, 30)
                   from limit in Gen.Choose(1, 6)
                   select new Step(kind, streams, stream, number, limit);
        Prop.ForAll(step.ArrayOf().ToArbitrary(), steps => RunAsync(steps))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(1_234_567, 7_654_321, 40));
    }

    private static async Task RunAsync(Step[] steps)
    {
        using var folder = new DataFolder();
        var clock = new StoppedClock();
        var model = new Model();
        var store = folder.Open(Configure, clock);
        try
        {
            foreach (var step in steps)
            {
                var (log, queue) = (store.Streams, step.Number % Queues);
                var (@namespace, key) = s_streams[step.Stream];
                switch (step.Kind)
                {
                    case StepKind.Append:
                        var appends = step.Streams.Select(s => new StreamAppend(s_streams[s].Namespace, s_streams[s].Key, Some.Bytes($"{model.Count++}"))).ToList();
                        await log.AppendAsync(appends);
                        appends.ForEach(a => model.Append(a, clock.Now));
                        break;
                    case StepKind.Position:
                        await log.StorePositionAsync(queue, step.Number);
                        model.Positions[queue] = Math.Max(model.Positions[queue], Math.Min(step.Number, model.Ends[queue]));
                        break;
                    case StepKind.Rewind:
                        await log.RewindAsync(queue, step.Number);
                        model.Positions[queue] = Math.Min(step.Number, model.Ends[queue]);
                        break;
                    case StepKind.RewindToTime:
                        var time = Some.Noon.AddMinutes(step.Number);
                        await log.RewindAsync(queue, time);
                        model.Positions[queue] = model.Items[queue].Where(i => i.Appended >= time).Select(i => i.Offset).FirstOrDefault(model.Ends[queue]);
                        break;
                    case StepKind.Release:
                        await log.ReleaseAsync(@namespace, key, step.Number);
                        model.Release(@namespace, key, step.Number);
                        break;
                    case StepKind.Trim:
                        Assert.Equal(model.Trim(clock.Now - s_retention), await log.TrimAsync());
                        break;
                    case StepKind.Advance:
                        // Also back: a clock that is set right must not upset the order of times.
                        clock.Now = clock.Now.AddMinutes(step.Number - 8);
                        break;
                    default:
                        store.Dispose();
                        store = folder.Open(Configure, clock);
                        break;
                }

                await AssertSameAsync(model, store.Streams, queue, step);
            }
        }
        finally
        {
            store.Dispose();
        }
    }

    private static async Task AssertSameAsync(Model model, IStreamLog log, int queue, Step step)
    {
        Assert.Equal(new StreamQueueState(model.Positions[queue], model.Ends[queue]), await log.GetQueueAsync(queue));
        Assert.Equal(
            model.Items[queue].Where(i => i.Offset >= step.Number).Take(step.Limit).Select(Entry.Of),
            (await log.ReadAsync(queue, step.Number, step.Limit, TimeSpan.Zero)).Select(Entry.Of));
        var (@namespace, key) = s_streams[step.Stream];
        Assert.Equal(
            model.Items.SelectMany(q => q).Where(i => i.Namespace == @namespace && i.Key == key && i.Sequence > step.Number / 2).Take(step.Limit).Select(Entry.Of),
            (await log.ReadStreamAsync(@namespace, key, step.Number / 2, step.Limit)).Select(Entry.Of));
        var state = model.State(@namespace, key);
        Assert.Equal(state, await log.GetStreamAsync(@namespace, key));
        Assert.Equal(
            s_streams.Where(s => s.Namespace == "examples").Select(s => model.State(s.Namespace, s.Key)).Where(s => s.Held > 0).OrderBy(s => s.Key, StringComparer.Ordinal),
            await log.ListHeldAsync("examples"));
        Assert.Empty(await log.ListHeldAsync("events"));
    }

    private static void Configure(Embedded.EmbeddedStoreOptions options) => (options.StreamQueues, options.StreamRetention) = (Queues, s_retention);

    private sealed class Model
    {
        private readonly Dictionary<(string, string), (long Last, long Released)> _streams = [];

        public List<StreamItem>[] Items { get; } = [.. Enumerable.Range(0, Queues).Select(_ => new List<StreamItem>())];

        public long[] Positions { get; } = [.. Enumerable.Repeat(-1L, Queues)];

        public long[] Ends { get; } = new long[Queues];

        public int Count { get; set; }

        private readonly DateTime[] _times = new DateTime[Queues];

        public void Append(StreamAppend append, DateTime now)
        {
            var queue = StreamQueues.QueueOf(append.Namespace, append.Key, Queues);
            var (last, released) = _streams.GetValueOrDefault((append.Namespace, append.Key));
            _streams[(append.Namespace, append.Key)] = (++last, released);
            if (now > _times[queue])
                _times[queue] = now;
            Items[queue].Add(new StreamItem(queue, Ends[queue]++, append.Namespace, append.Key, last, _times[queue], append.Record));
        }

        public void Release(string @namespace, string key, long through)
        {
            if (_streams.TryGetValue((@namespace, key), out var stream))
                _streams[(@namespace, key)] = (stream.Last, Math.Max(stream.Released, Math.Min(through, stream.Last)));
        }

        public StreamKeyState State(string @namespace, string key)
        {
            var (last, released) = _streams.GetValueOrDefault((@namespace, key));
            return new StreamKeyState(key, last, @namespace == "examples" ? released : null);
        }

        public long Trim(DateTime before)
        {
            var removed = 0L;
            for (var queue = 0; queue < Queues; queue++)
            {
                removed += Items[queue].RemoveAll(i => i.Offset < Positions[queue]
                    && (State(i.Namespace, i.Key).Released is { } released ? i.Sequence <= released : i.Appended < before));
            }

            return removed;
        }
    }

    private sealed record Entry(int Queue, long Offset, string Namespace, string Key, long Sequence, DateTime Appended, string Content)
    {
        public static Entry Of(StreamItem item) => new(item.Queue, item.Offset, item.Namespace, item.Key, item.Sequence, item.Appended, Encoding.UTF8.GetString(item.Record.Span));
    }

    public enum StepKind
    {
        Append,
        Position,
        Rewind,
        RewindToTime,
        Release,
        Trim,
        Advance,
        Reopen,
    }

    public sealed record Step(StepKind Kind, int[] Streams, int Stream, int Number, int Limit);
}
