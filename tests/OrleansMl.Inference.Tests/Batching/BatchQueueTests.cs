using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Inference.Tests.Batching;

public sealed class BatchQueueTests
{
    private static readonly TimeSpan s_start = TimeSpan.Zero;

    [Fact]
    public void A_greedy_queue_gives_what_is_there_up_to_the_limit_in_order()
    {
        var queue = Queue(new() { MaxBatchRows = 8 });
        Add(queue, rows: [3, 4, 2, 1]);
        Assert.True(queue.IsDue(s_start));
        Assert.Equal([3, 4], Take(queue));
        Assert.Equal([2, 1], Take(queue));
        Assert.Null(queue.Take(s_start));
        Assert.False(queue.IsDue(s_start));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void A_small_request_does_not_pass_a_large_one_that_does_not_fit()
    {
        var queue = Queue(new() { MaxBatchRows = 8 });
        Add(queue, rows: [6, 4, 1, 1]);
        Assert.Equal([6], Take(queue));
        Assert.Equal([4, 1, 1], Take(queue));
    }

    [Fact]
    public void A_session_takes_its_share_of_all_rows_in_flight_once_rows_are_known_to_be_as_fast_in_smaller_batches()
    {
        var queue = Queue(new() { MaxBatchRows = 8, Instances = 2 });
        Add(queue, rows: [1, 1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal(8, queue.Take(s_start)!.Length);

        Learn(queue, (8, 1.0), (4, 1.05));
        Add(queue, rows: [2, 1, 2, 1, 1]);
        Assert.Equal([2, 1], queue.Take(s_start, running: 0)!.Select(r => r.Rows));
        Assert.Equal([2, 1, 1], queue.Take(s_start, running: 7)!.Select(r => r.Rows));
    }

    [Fact]
    public void Where_rows_are_slower_in_smaller_batches_one_session_takes_them_all()
    {
        var queue = Queue(new() { MaxBatchRows = 8, Instances = 2 });
        Learn(queue, (8, 1.0), (4, 1.5));
        Add(queue, rows: [1, 1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal(8, queue.Take(s_start)!.Length);
    }

    [Fact]
    public void With_a_delay_a_batch_waits_until_it_is_full_or_its_first_request_has_waited()
    {
        var queue = Queue(new() { MaxBatchRows = 8, QueueDelay = Ms(5) });
        Add(queue, rows: [2], arrival: 10);
        Add(queue, rows: [3], arrival: 12);
        Assert.False(queue.IsDue(Ms(14)));
        Assert.Null(queue.Take(Ms(14)));
        Assert.Equal(Ms(15), queue.NextDue());
        Assert.True(queue.IsDue(Ms(15)));

        // 3 more fill it; 4 more do not fit beside what is there, which makes it full too.
        Add(queue, rows: [4], arrival: 13);
        Assert.True(queue.IsDue(Ms(13)));
        Assert.Equal([2, 3], Take(queue, 13));
        Assert.False(queue.IsDue(Ms(13)));
        Assert.Equal(Ms(18), queue.NextDue());
    }

    [Fact]
    public void A_preferred_size_is_sent_at_once_and_the_rest_stays()
    {
        var queue = Queue(new() { MaxBatchRows = 8, PreferredRows = [2, 4], QueueDelay = Ms(5) });
        Add(queue, rows: [1]);
        Assert.False(queue.IsDue(s_start));
        Add(queue, rows: [1, 1, 1, 1]);
        Assert.Equal([1, 1, 1, 1], Take(queue));
        Assert.False(queue.IsDue(s_start));
        Assert.Equal([1], Take(queue, 5));
    }

    [Fact]
    public void Once_the_delay_is_over_all_goes_not_only_a_preferred_size()
    {
        var queue = Queue(new() { MaxBatchRows = 8, PreferredRows = [4], QueueDelay = Ms(5) });
        Add(queue, rows: [2, 2, 1]);
        Assert.Equal([2, 2, 1], Take(queue, 5));
    }

    [Fact]
    public void A_greedy_queue_sends_preferred_sizes_where_it_can()
    {
        var queue = Queue(new() { MaxBatchRows = 8, PreferredRows = [4] });
        Add(queue, rows: [3, 1, 2]);
        Assert.Equal([3, 1], Take(queue));
        Assert.Equal([2], Take(queue));
    }

    [Fact]
    public void Shapes_do_not_mix_and_the_oldest_goes_first()
    {
        var queue = Queue(new() { MaxBatchRows = 8 });
        var requests = new[] { Request(1, width: 2), Request(1, width: 3), Request(2, width: 2), Request(2, width: 3), Request(3, width: 2) };
        Array.ForEach(requests, r => Assert.True(queue.TryAdd(r)));
        Assert.Equal([requests[0], requests[2], requests[4]], queue.Take(s_start)!);
        Assert.Equal([requests[1], requests[3]], queue.Take(s_start)!);
    }

    [Fact]
    public void Requests_that_share_with_none_go_in_their_turn()
    {
        var queue = Queue(new() { MaxBatchRows = 8, QueueDelay = Ms(5) });
        PendingRequest[] lone = [Request(1, isAlone: true), Request(1, isAlone: true)];
        Array.ForEach(lone, r => Assert.True(queue.TryAdd(r)));
        Assert.True(queue.IsDue(s_start));
        Assert.Equal([lone[0]], queue.Take(s_start)!);
        Assert.Equal([lone[1]], queue.Take(s_start)!);
    }

    [Fact]
    public void Higher_levels_go_first_and_lower_ones_fill_the_batch()
    {
        var queue = Queue(new() { MaxBatchRows = 4, PriorityLevels = 3 });
        PendingRequest[] requests = [Request(1, level: 3), Request(1, level: 2), Request(2, level: 1), Request(1, level: 2), Request(1, level: 1)];
        Array.ForEach(requests, r => Assert.True(queue.TryAdd(r)));
        Assert.Equal((3, 0), queue.Ahead(1));
        Assert.Equal((5, 0), queue.Ahead(2));
        Assert.Equal([requests[2], requests[4], requests[1]], queue.Take(s_start)!);
        Assert.Equal([requests[3], requests[0]], queue.Take(s_start)!);
    }

    [Fact]
    public void Each_level_has_its_own_bound()
    {
        var queue = Queue(new()
        {
            PriorityLevels = 2,
            QueuePolicy = new() { MaxQueued = 2 },
            LevelPolicies = ImmutableSortedDictionary<int, QueuePolicy>.Empty.Add(1, new() { MaxQueued = 1 }),
        });
        Assert.True(queue.TryAdd(Request(1, level: 1)));
        Assert.False(queue.TryAdd(Request(1, level: 1)));
        Assert.True(queue.TryAdd(Request(1, level: 2)));
        Assert.True(queue.TryAdd(Request(1, level: 2)));
        Assert.False(queue.TryAdd(Request(1, level: 2)));
        queue.Take(s_start);
        Assert.True(queue.TryAdd(Request(1, level: 1)));
    }

    [Fact]
    public void A_timeout_rejects_or_moves_behind_those_in_time()
    {
        var queue = Queue(new()
        {
            MaxBatchRows = 2,
            PriorityLevels = 2,
            LevelPolicies = ImmutableSortedDictionary<int, QueuePolicy>.Empty.Add(2, new() { TimeoutAction = TimeoutAction.Delay }),
        });
        PendingRequest[] requests = [Request(1, level: 1, expiry: 10), Request(1, level: 2, expiry: 5), Request(1, level: 2, expiry: 30), Request(1, level: 1, expiry: 11)];
        Array.ForEach(requests, r => Assert.True(queue.TryAdd(r)));

        Assert.Equal(Ms(5), queue.NextExpiry);
        Assert.Empty(queue.Expire(Ms(9)));
        Assert.Equal(Ms(10), queue.NextExpiry);
        Assert.Equal([requests[0]], queue.Expire(Ms(10)));
        Assert.False(requests[0].IsQueued);
        Assert.Equal([requests[3], requests[2]], queue.Take(Ms(10))!);
        Assert.Null(queue.NextExpiry);
        Assert.Equal([requests[1]], queue.Take(Ms(10))!);
    }

    [Fact]
    public void Whatever_comes_no_batch_breaks_the_rules_and_none_is_lost()
    {
        var request = from rows in Gen.Choose(1, 7)
                      from width in Gen.Choose(1, 3)
                      from level in Gen.Choose(1, 3)
                      from isAlone in Gen.Choose(0, 9)
                      from taken in Gen.Choose(0, 3)
                      from lifetime in Gen.Choose(1, 40)
                      select (rows, width, level, isAlone: isAlone == 0, isTaken: taken == 0, lifetime);
        var options = from max in Gen.Choose(7, 12)
                      from preferred in Gen.SubListOf(Enumerable.Range(1, 7).ToArray())
                      from delay in Gen.Choose(0, 4)
                      from action in Gen.Elements(TimeoutAction.Reject, TimeoutAction.Delay)
                      select new BatchingOptions
                      {
                          MaxBatchRows = max,
                          PreferredRows = [.. preferred.Distinct().Order()],
                          QueueDelay = Ms(delay),
                          PriorityLevels = 3,
                          QueuePolicy = new() { TimeoutAction = action },
                      };
        var sequences = from o in options from r in request.ListOf() select (o, r: r.ToArray());
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(sequences.ToArbitrary(), drawn => FollowsTheRules(drawn.o, drawn.r)));
    }

    private static void FollowsTheRules(BatchingOptions options, (int Rows, int Width, int Level, bool IsAlone, bool IsTaken, int Lifetime)[] script)
    {
        var queue = Queue(options);
        var waiting = new List<PendingRequest>();
        var now = 0;
        foreach (var (rows, width, level, isAlone, isTaken, lifetime) in script)
        {
            now++;
            var request = Request(rows, width, level, isAlone, now, now + lifetime);
            Assert.True(queue.TryAdd(request));
            waiting.Add(request);
            foreach (var rejected in queue.Expire(Ms(now)))
                Assert.True(waiting.Remove(rejected) && rejected.Expiry <= Ms(now));
            if (isTaken)
                TakeOne(now);
        }

        queue.IsFlushing = true;
        while (TakeOne(now))
        {
        }

        Assert.Empty(waiting);
        Assert.Equal(0, queue.Count);
        Assert.Equal((0, 0), queue.Ahead(3));
        Assert.Null(queue.NextExpiry);

        bool TakeOne(int at)
        {
            var isDue = queue.IsDue(Ms(at));
            var batch = queue.Take(Ms(at));
            Assert.Equal(isDue, batch is not null);
            if (batch is null)
                return false;
            Assert.InRange(batch.Sum(r => r.Rows), 1, options.MaxBatchRows);
            Assert.All(batch, r => Assert.Equal(batch[0].Key, r.Key));
            Assert.All(batch, r => Assert.True(waiting.Contains(r) && !r.IsQueued));

            // The batch is the first of those that may share it; and of all that waits when nothing waits for company.
            var inOrder = waiting.OrderBy(r => r.Level).ThenBy(r => r.IsDelayed).ThenBy(r => r.IsDelayed ? r.Expiry : r.Arrival).ThenBy(r => r.Sequence).ToList();
            Assert.Equal(inOrder.Where(r => r.Key.Equals(batch[0].Key)).Take(batch.Length), batch);
            if (queue.IsFlushing || options.QueueDelay == TimeSpan.Zero)
                Assert.True(inOrder[0].IsDelayed ? batch[0].IsDelayed && batch[0].Level == inOrder[0].Level : batch[0] == inOrder[0]);
            return waiting.RemoveAll(batch.Contains) == batch.Length;
        }
    }

    private static BatchQueue Queue(BatchingOptions options)
    {
        Assert.Empty(options.Faults());
        return new BatchQueue(options);
    }

    private static void Add(BatchQueue queue, int[] rows, int arrival = 0)
    {
        foreach (var r in rows)
            Assert.True(queue.TryAdd(Request(r, arrival: arrival)));
    }

    private static void Learn(BatchQueue queue, params (int Rows, double PerRow)[] sizes)
    {
        var key = Request(1).Key;
        foreach (var (rows, perRow) in sizes)
        {
            for (var i = 0; i < 50; i++)
                queue.Ran(key, rows, TimeSpan.FromMilliseconds(rows * perRow));
        }
    }

    private static int[] Take(BatchQueue queue, int now = 0) => [.. queue.Take(Ms(now))?.Select(r => r.Rows) ?? []];

    private static PendingRequest Request(int rows, int width = 1, int level = 1, bool isAlone = false, int arrival = 0, int? expiry = null)
    {
        Tensor[] inputs = [new Tensor("in", TensorType.Int8, new long[] { rows, width }, new byte[rows * width])];
        return new PendingRequest(inputs, ["out"], rows, isAlone ? BatchKey.Alone() : BatchKey.Of(inputs)) { Level = level, Arrival = Ms(arrival), Expiry = expiry is { } e ? Ms(e) : null };
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
