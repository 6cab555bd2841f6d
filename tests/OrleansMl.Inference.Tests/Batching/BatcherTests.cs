using System.Collections.Immutable;
using static OrleansMl.Inference.Tests.Batching.BatcherScenario;

namespace OrleansMl.Inference.Tests.Batching;

/// <summary>When requests run, and with whom.</summary>
public sealed class BatcherTests
{
    [Fact]
    public async Task A_lone_request_runs_on_the_callers_thread()
    {
        await using var scenario = new BatcherScenario(new());
        var ranOn = 0;
        scenario.Model.OnRun = _ => ranOn = Environment.CurrentManagedThreadId;
        var thread = Environment.CurrentManagedThreadId;
        var answer = scenario.Batcher.RunAsync([Rows(7)]);
        Assert.True(answer.IsCompletedSuccessfully);
        Assert.Equal(thread, ranOn);
        await answer.AsTask().GivesAsync(7);
    }

    [Fact]
    public async Task While_sessions_are_busy_the_next_batch_grows()
    {
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 8 });
        var busy = await scenario.OccupyAsync();
        var waiting = new[] { Rows(1), Rows(2, 3), Rows(4, 5, 6), Rows(7), Rows(8, 9) }.Select(r => scenario.Send(r)).ToArray();
        Assert.Equal(5, scenario.Batcher.Statistics.Queued);
        scenario.Model.LetGo();

        await busy.GivesAsync(-1);
        await waiting[0].GivesAsync(1);
        await waiting[1].GivesAsync(2, 3);
        await waiting[2].GivesAsync(4, 5, 6);
        await waiting[3].GivesAsync(7);
        await waiting[4].GivesAsync(8, 9);
        Assert.Equal([[-1], [1, 2, 3, 4, 5, 6, 7], [8, 9]], scenario.Model.Runs);
    }

    [Fact]
    public async Task Held_requests_run_as_one_batch_when_enough_have_come()
    {
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 3 });
        var requests = new[] { scenario.Send(Rows(1)), scenario.Send(Rows(2)) };
        Assert.All(requests, r => Assert.False(r.IsCompleted));
        await scenario.Send(Rows(3)).GivesAsync(3);
        await Task.WhenAll(requests);
        await scenario.Send(Rows(4)).GivesAsync(4);
        Assert.Equal([[1, 2, 3], [4]], scenario.Model.Runs);
    }

    [Fact]
    public async Task After_a_crowd_requests_run_on_the_callers_thread_again_once_they_come_alone()
    {
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 5 });
        await Task.WhenAll(Enumerable.Range(1, 5).Select(i => scenario.Send(Rows(i)))).WaitAsync(TimeSpan.FromSeconds(60));
        var ranOn = 0;
        scenario.Model.OnRun = _ => ranOn = Environment.CurrentManagedThreadId;

        // Company of 4, then 2, 1, 0: these may still meet others in the queue. An answer may come before its session is idle.
        var sent = 0;
        var thread = 0;
        do
        {
            await OnThread(() =>
            {
                thread = Environment.CurrentManagedThreadId;
                return scenario.Send(Rows(++sent));
            }).WaitAsync(TimeSpan.FromSeconds(60));
        }
        while (thread != ranOn && sent < 10_000);
        Assert.Equal(thread, ranOn);
        Assert.InRange(sent, 4, 10_000);
    }

    [Fact]
    public async Task As_many_batches_run_at_once_as_there_are_sessions()
    {
        await using var scenario = new BatcherScenario(new() { Instances = 2, MaxBatchRows = 2 });
        await scenario.OccupyAsync();
        var waiting = Enumerable.Range(1, 6).Select(i => scenario.Send(Rows(i))).ToArray();
        Assert.Equal(6, scenario.Batcher.Statistics.Queued);
        scenario.Model.LetGo();
        await Task.WhenAll(waiting);
        Assert.Equal(2, scenario.Model.MostAtOnce);
        Assert.Equal(5, scenario.Model.Runs.Length);
    }

    [Fact]
    public async Task With_a_delay_an_idle_session_waits_for_company_by_the_clock()
    {
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 4, QueueDelay = TimeSpan.FromMilliseconds(5) });
        var first = scenario.Send(Rows(1));
        scenario.Time.Advance(3);
        var second = scenario.Send(Rows(2));
        scenario.Time.Advance(1.9);
        Assert.False(first.IsCompleted);
        scenario.Time.Advance(0.1);
        await first.GivesAsync(1);
        await second.GivesAsync(2);

        // A full batch does not wait; neither does a request that is one by itself.
        var full = Enumerable.Range(3, 4).Select(i => scenario.Send(Rows(i))).ToArray();
        await Task.WhenAll(full).WaitAsync(TimeSpan.FromSeconds(60));
        await scenario.Send(Rows(7, 8, 9, 10)).GivesAsync(7, 8, 9, 10);
        Assert.Equal([[1, 2], [3, 4, 5, 6], [7, 8, 9, 10]], scenario.Model.Runs);
        Assert.Equal(7_000_000, scenario.Batcher.Statistics.Queue.Nanoseconds);
    }

    [Fact]
    public async Task A_session_lets_callers_that_wait_for_a_thread_come_before_its_next_batch_unless_that_is_full()
    {
        Task<BatchAnswer>? late = null;
        BatcherScenario scenario = null!;
        var asked = 0;
        await using (scenario = new BatcherScenario(new() { MaxBatchRows = 2 }, othersWait: () =>
        {
            // One caller was still on its way.
            if (++asked == 1)
                late = scenario.Send(Rows(6));
            return asked == 1;
        }))
        {
            var first = await scenario.OccupyAsync();
            var waiting = Enumerable.Range(1, 5).Select(i => scenario.Send(Rows(i))).ToArray();
            scenario.Model.LetGo();
            await first;
            await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(60));
            await late!.GivesAsync(6);
            Assert.Equal([[-1], [1, 2], [3, 4], [5, 6]], scenario.Model.Runs);
        }
    }

    [Fact]
    public async Task Without_delays_and_timeouts_no_timer_is_set()
    {
        await using var scenario = new BatcherScenario(new());
        await scenario.OccupyAsync();
        var waiting = scenario.Send(Rows(1));
        Assert.Equal(0, scenario.Time.Armed);
        scenario.Model.LetGo();
        await waiting.GivesAsync(1);
    }

    [Fact]
    public async Task Shapes_do_not_mix()
    {
        await using var scenario = new BatcherScenario(new());
        await scenario.OccupyAsync();
        var waiting = new[] { Wide(1, 2), Wide(3), Wide(4, 5), Wide(6) }.Select(r => scenario.Send(r)).ToArray();
        scenario.Model.LetGo();
        await waiting[2].GivesAsync(4, 5);
        await waiting[3].GivesAsync(6);
        Assert.Equal([[-1], [1, 2, 4, 5], [3, 6]], scenario.Model.Runs);
    }

    [Fact]
    public async Task Higher_priorities_run_first_and_unknown_ones_are_the_default()
    {
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 2, PriorityLevels = 2, DefaultPriority = 2 });
        await scenario.OccupyAsync();
        var waiting = new[] { (1, 0), (2, 2), (3, 1), (4, 9), (5, 1) }.Select(r => scenario.Send(Rows(r.Item1), r.Item2)).ToArray();
        scenario.Model.LetGo();
        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal([[-1], [3, 5], [1, 2], [4]], scenario.Model.Runs);
    }

    [Fact]
    public async Task Each_request_gets_the_outputs_it_asked_for_in_its_order()
    {
        var model = new ScriptedModel
        {
            Signature = new([new TensorSpec("in", TensorType.Int64, [-1, -1])], [.. new[] { "a", "b", "c" }.Select(n => new TensorSpec(n, TensorType.Int64, [-1, -1]))], ImmutableSortedDictionary<string, string>.Empty),
        };
        var computed = new List<string>();
        var answer = model.Answer;
        model.Answer = (input, outputs) =>
        {
            computed.Add(string.Join(',', outputs));
            return answer(input, outputs);
        };
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 2 }, model);
        var first = scenario.Batcher.RunAsync([Rows(1)], ["c", "a"]).AsTask();
        var second = scenario.Batcher.RunAsync([Rows(2, 3)], ["a"]).AsTask();
        Assert.Equal([("c", 1L), ("a", 1L)], (await first.OutputsAsync()).Select(t => (t.Name, t.Values<long>().Single())));
        var only = Assert.Single(await second.OutputsAsync());
        Assert.Equal("a", only.Name);
        Assert.Equal([2, 3], only.Values<long>());
        Assert.Equal([2, 1], only.Shape.ToArray());
        Assert.Equal(["c,a"], computed);
    }

    [Fact]
    public async Task More_rows_than_a_batch_may_have_are_refused_with_the_limit()
    {
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 2 });
        var refused = await Assert.ThrowsAsync<InferenceInputException>(() => scenario.Send(Rows(1, 2, 3)));
        Assert.Equal("The request has 3 rows; this model takes at most 2 at once (MaxBatchRows). Send fewer in each request.", refused.Message);
        await Assert.ThrowsAsync<InferenceInputException>(() => scenario.Send(Vectors.Of("wrong", TensorType.Int64, [1, 1], 1L)));
        Assert.Empty(scenario.Model.Runs);
    }

    [Fact]
    public async Task A_request_without_rows_runs_alone()
    {
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 3 });
        var waiting = new[] { Rows(1), Vectors.Of<long>("in", TensorType.Int64, [0, 1]), Rows(2) }.Select(r => scenario.Send(r)).ToArray();
        await waiting[0].GivesAsync(1);
        await waiting[1].GivesAsync();
        await waiting[2].GivesAsync(2);
        Assert.Equal([[1, 2], []], scenario.Model.Runs);
    }

    [Fact]
    public async Task A_model_without_a_free_first_dimension_runs_each_alone_but_never_more_at_once_than_sessions()
    {
        var model = new ScriptedModel { Signature = new([new TensorSpec("in", TensorType.Int64, [3, 1])], [new TensorSpec("out", TensorType.Int64, [3, 1])], ImmutableSortedDictionary<string, string>.Empty) };
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 2, HoldUntilQueued = 3 }, model);
        Assert.Equal("Input 'in' has the shape [3,1], whose first dimension is not free.", Assert.Single(scenario.Batcher.UnbatchableReasons));
        var waiting = Enumerable.Range(0, 3).Select(i => scenario.Send(Rows(i, i, i))).ToArray();
        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal([[0, 0, 0], [1, 1, 1], [2, 2, 2]], scenario.Model.Runs);
        Assert.Equal(1, scenario.Model.MostAtOnce);
    }

    [Fact]
    public void Options_that_are_out_of_range_are_refused_by_name_value_and_remedy()
    {
        var options = new BatchingOptions
        {
            MaxBatchRows = 0,
            PreferredRows = [4, 4],
            QueueDelay = TimeSpan.FromSeconds(-1),
            Instances = 0,
            DefaultPriority = 2,
            QueuePolicy = new() { MaxQueued = 0, DefaultTimeout = TimeSpan.Zero, TimeoutAction = (TimeoutAction)9 },
            LevelPolicies = ImmutableSortedDictionary<int, QueuePolicy>.Empty.Add(3, new()),
            Adaptive = new() { LatencyTarget = TimeSpan.Zero },
            HoldUntilQueued = -1,
        };
        Assert.Equal<string>(
            [
                "MaxBatchRows is 0; write 1 or more.",
                "Instances is 0; write 1 or more.",
                "DefaultPriority is 2; write a level from 1 to 1 (PriorityLevels).",
                "QueueDelay is -00:00:01; write a time from 0 (greedy) to 00:01:00.",
                "HoldUntilQueued is -1; write 0 (off) or a number of requests.",
                "Adaptive.LatencyTarget is 00:00:00; write a time above 0, or leave Adaptive out.",
                "PreferredRows has 4; write sizes from 1 to 0 (MaxBatchRows), or raise MaxBatchRows.",
                "PreferredRows has 4; write sizes from 1 to 0 (MaxBatchRows), or raise MaxBatchRows.",
                "QueuePolicy.MaxQueued is 0; write 1 or more.",
                "QueuePolicy.DefaultTimeout is 00:00:00; write a time above 0 and up to 1.00:00:00, or leave it out for none.",
                "QueuePolicy.TimeoutAction is 9; write Reject or Delay.",
                "LevelPolicies has level 3; write a level from 1 to 1 (PriorityLevels), or raise PriorityLevels.",
            ],
            options.Faults().AsEnumerable());
        Assert.Equal("PreferredRows has 4 after 4; write each size once, in ascending order.", Assert.Single(new BatchingOptions { PreferredRows = [4, 4] }.Faults()));
        Assert.Equal("PriorityLevels is 4096; write 1 to 1024.", Assert.Single(new BatchingOptions { PriorityLevels = 4096 }.Faults()));
        Assert.Throws<ArgumentException>(() => new Batcher((IBatchModel)new ScriptedModel(), options, TimeProvider.System));
    }
}
