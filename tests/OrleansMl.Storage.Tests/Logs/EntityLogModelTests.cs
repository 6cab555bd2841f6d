using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

/// <summary>The entity log against a list in memory, over random appends, repeats, conflicts, wrong fences and reopenings.</summary>
public sealed class EntityLogModelTests
{
    [Theory]
    [InlineData(32 << 20)]
    [InlineData(0)]
    [InlineData(300)]
    public void The_log_behaves_as_a_list_in_memory_does_across_reopenings_whether_records_are_in_segments_or_pages(int bufferBytes)
    {
        var record = from id in Gen.Choose(0, 4)
                     from kind in Gen.Choose(1, 2)
                     from revision in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(0, 3)))
                     from content in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
                     from isStamped in Gen.Elements(true, false)
                     select new LogAppend((byte)kind, $"e{id}", content == 1 ? "view" : "click", Some.Noon.AddSeconds(content == 2 ? 1 : 0), revision, Some.Bytes(content == 3 ? "y" : "x")) { TimeIsStamped = isStamped };
        var step = from entity in Gen.Choose(0, 2)
                   from kind in Gen.Frequency((12, Gen.Constant(StepKind.Append)), (1, Gen.Constant(StepKind.AppendBehindFence)), (1, Gen.Constant(StepKind.Reopen)), (2, Gen.Constant(StepKind.Snapshot)))
                   from records in record.ArrayOf()
                   from second in Gen.Choose(0, 100)
                   select new Step(kind, $"c:{entity}", records, second);
        Prop.ForAll(step.ArrayOf().ToArbitrary(), steps => RunAsync(steps, bufferBytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(1_234_567, 7_654_321, 40));
    }

    private static async Task RunAsync(Step[] steps, int bufferBytes)
    {
        using var folder = new DataFolder();
        var model = new Dictionary<string, ModelLog>();
        var store = folder.Open(o => o.LogBufferBytes = bufferBytes);
        try
        {
            foreach (var step in steps)
            {
                var log = model.TryGetValue(step.Entity, out var known) ? known : model[step.Entity] = new ModelLog();
                switch (step.Kind)
                {
                    case StepKind.Reopen:
                        store.Dispose();
                        store = folder.Open(o => o.LogBufferBytes = bufferBytes);
                        break;
                    case StepKind.AppendBehindFence:
                        await Assert.ThrowsAsync<LogFencedException>(async () => await store.EntityLog.AppendAsync(step.Entity, log.Entries.Count + 1, step.Records, Some.Noon));
                        break;
                    case StepKind.Snapshot:
                        var at = log.Entries.Count * step.Second / 100;
                        await store.EntityLog.SaveSnapshotAsync(step.Entity, at, "fold", Some.Bytes($"{at}"));
                        log.Snapshot = log.Entries.Count == 0 ? null : Math.Max(at, log.Snapshot ?? 0);
                        break;
                    default:
                        var created = Some.Noon.AddSeconds(step.Second);
                        var expected = log.Append(step.Records, created);
                        Assert.Equal(expected, await store.EntityLog.AppendAsync(step.Entity, log.Entries.Count - expected.Count(o => o.Status == LogAppendStatus.Appended), step.Records, created));
                        break;
                }
            }

            await AssertSame(store, model);
            store.Dispose();
            store = folder.Open(o => o.LogBufferBytes = bufferBytes);
            await AssertSame(store, model);
        }
        finally
        {
            store.Dispose();
        }
    }

    private static async Task AssertSame(EmbeddedStore store, Dictionary<string, ModelLog> model)
    {
        foreach (var (entity, log) in model)
        {
            var entries = await store.EntityLog.ReadAsync(entity, 0, int.MaxValue);
            Assert.Equal(log.Entries.Select(Comparable), entries.Select(Comparable));
            Assert.Equal(log.Entries.Count, await store.EntityLog.GetLastSequenceAsync(entity));
            Assert.Equal(log.Snapshot, (await store.EntityLog.LoadSnapshotAsync(entity, "fold"))?.Sequence);
        }

        static (LogEntry, string) Comparable(LogEntry entry) => (entry with { Payload = default }, Convert.ToHexString(entry.Payload.Span));
    }

    public enum StepKind
    {
        Append,
        AppendBehindFence,
        Snapshot,
        Reopen,
    }

    public sealed record Step(StepKind Kind, string Entity, LogAppend[] Records, int Second);

    private sealed class ModelLog
    {
        public List<LogEntry> Entries { get; } = [];

        public long? Snapshot { get; set; }

        public LogAppendOutcome[] Append(LogAppend[] records, DateTime created)
        {
            if (Entries.Count > 0 && Entries[^1].Created > created)
                created = Entries[^1].Created;
            return [.. records.Select(record => Append(record, created))];
        }

        private LogAppendOutcome Append(LogAppend record, DateTime created)
        {
            var earlier = Entries.Where(e => e.Kind == record.Kind && e.Id == record.Id && e.Revision >= record.Revision).OrderBy(e => e.Revision).ToList();
            if (earlier.Count == 0)
            {
                Entries.Add(new LogEntry(Entries.Count + 1, record.Kind, record.Id, record.Type, record.EventTime, created, record.Revision, record.Payload));
                return new LogAppendOutcome(LogAppendStatus.Appended, Entries.Count);
            }

            var found = earlier[0];
            var isSame = found.Revision == record.Revision && found.Type == record.Type && found.Payload.Span.SequenceEqual(record.Payload.Span)
                && (record.TimeIsStamped || found.EventTime == record.EventTime);
            return new LogAppendOutcome(isSame ? LogAppendStatus.Duplicate : LogAppendStatus.Conflict, found.Sequence);
        }
    }
}
