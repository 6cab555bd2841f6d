using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

/// <summary>The outbox against queues in memory, over random appends, trims, reads and reopenings.</summary>
public sealed class OutboxModelTests
{
    private static readonly string[] s_topics = ["a", "b", "ü/1"];

    [Fact]
    public void The_outbox_behaves_as_queues_in_memory_do_across_reopenings()
    {
        var step = from kind in Gen.Frequency((6, Gen.Constant(StepKind.Append)), (3, Gen.Constant(StepKind.Trim)), (4, Gen.Constant(StepKind.Read)), (1, Gen.Constant(StepKind.Reopen)))
                   from topics in Gen.Elements(s_topics).ArrayOf()
                   from topic in Gen.Elements(s_topics)
                   from offset in Gen.Choose(0, 30)
                   from limit in Gen.Choose(0, 6)
                   select new Step(kind, topics, topic, offset, limit);
        Prop.ForAll(step.ArrayOf().ToArbitrary(), RunAsync)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(1_234_567, 7_654_321, 40));
    }

    private static async Task RunAsync(Step[] steps)
    {
        using var folder = new DataFolder();
        var items = s_topics.ToDictionary(t => t, _ => new SortedDictionary<long, string>());
        var offsets = s_topics.ToDictionary(t => t, _ => 0L);
        var count = 0;
        var store = folder.Open();
        try
        {
            foreach (var step in steps)
            {
                switch (step.Kind)
                {
                    case StepKind.Append:
                        var appends = step.Topics.Select(topic => (Topic: topic, Content: $"{count++}")).ToList();
                        await store.Outbox.AppendAsync([.. appends.Select(a => new OutboxAppend(a.Topic, Some.Bytes(a.Content)))]);
                        foreach (var (topic, content) in appends)
                            items[topic].Add(++offsets[topic], content);
                        break;
                    case StepKind.Trim:
                        await store.Outbox.TrimAsync(step.Topic, step.Offset);
                        foreach (var offset in items[step.Topic].Keys.Where(o => o <= step.Offset).ToList())
                            items[step.Topic].Remove(offset);
                        break;
                    case StepKind.Read:
                        var read = await store.Outbox.ReadAsync(step.Topic, step.Offset, step.Limit);
                        Assert.Equal(
                            items[step.Topic].Where(i => i.Key > step.Offset).Take(step.Limit).Select(i => (i.Key, i.Value)),
                            read.Select(i => (i.Offset, System.Text.Encoding.UTF8.GetString(i.Payload.Span))));
                        break;
                    default:
                        store.Dispose();
                        store = folder.Open();
                        break;
                }

                Assert.Equal(items.Where(t => t.Value.Count > 0).Select(t => t.Key).Order(StringComparer.Ordinal), await store.Outbox.ListTopicsAsync());
            }
        }
        finally
        {
            store.Dispose();
        }
    }

    public enum StepKind
    {
        Append,
        Trim,
        Read,
        Reopen,
    }

    public sealed record Step(StepKind Kind, string[] Topics, string Topic, long Offset, int Limit);
}
