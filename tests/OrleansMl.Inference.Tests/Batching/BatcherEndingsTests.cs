using System.Collections.Immutable;
using static OrleansMl.Inference.Tests.Batching.BatcherScenario;

namespace OrleansMl.Inference.Tests.Batching;

/// <summary>Requests that are rejected, given up or fail, and those beside them.</summary>
public sealed class BatcherEndingsTests
{
    [Fact]
    public async Task A_full_queue_rejects_with_its_limit()
    {
        await using var scenario = new BatcherScenario(new() { QueuePolicy = new() { MaxQueued = 2 } });
        await scenario.OccupyAsync();
        var waiting = new[] { scenario.Send(Rows(1)), scenario.Send(Rows(2)) };
        var rejection = await scenario.Send(Rows(3)).RejectionAsync();
        Assert.Equal(new Rejection("queue_full", "2 requests of priority 1 wait already, as many as may (MaxQueued); send it again later."), rejection);
        scenario.Model.LetGo();
        await Task.WhenAll(waiting);
        Assert.Equal(1, scenario.Batcher.Statistics.Rejected["queue_full"]);
    }

    [Fact]
    public async Task A_request_that_has_waited_too_long_is_rejected_by_the_clock()
    {
        await using var scenario = new BatcherScenario(new() { QueuePolicy = new() { DefaultTimeout = TimeSpan.FromMilliseconds(10) } });
        await scenario.OccupyAsync();
        var first = scenario.Send(Rows(1), timeout: TimeSpan.FromMilliseconds(3));
        scenario.Time.Advance(4);
        var second = scenario.Send(Rows(2));
        scenario.Time.Advance(5.9);
        Assert.False(first.IsCompleted);
        scenario.Time.Advance(0.1);
        var rejection = await first.RejectionAsync();
        Assert.Equal(("queue_timeout", "The request waited for 10 ms, as long as it may, and did not start; send it again later."), (rejection.Reason, rejection.Detail));
        Assert.False(second.IsCompleted);
        scenario.Model.LetGo();
        await second.GivesAsync(2);
        Assert.Equal([[-1], [2]], scenario.Model.Runs);
    }

    [Fact]
    public async Task A_request_may_shorten_its_timeout_where_its_level_allows_it_and_never_lengthen_it()
    {
        var policy = new QueuePolicy { DefaultTimeout = TimeSpan.FromMilliseconds(10), AllowTimeoutOverride = true };
        await using var scenario = new BatcherScenario(new() { QueuePolicy = policy });
        await scenario.OccupyAsync();
        var brief = scenario.Send(Rows(1), timeout: TimeSpan.FromMilliseconds(2));
        var @long = scenario.Send(Rows(2), timeout: TimeSpan.FromMilliseconds(500));
        scenario.Time.Advance(2);
        Assert.Equal("queue_timeout", (await brief.RejectionAsync()).Reason);
        Assert.False(@long.IsCompleted);
        scenario.Time.Advance(8);
        Assert.Equal("queue_timeout", (await @long.RejectionAsync()).Reason);

        Assert.Equal(QueuePolicy.MaxTimeout, new QueuePolicy { AllowTimeoutOverride = true }.TimeoutFor(TimeSpan.MaxValue));
        Assert.Null(QueuePolicy.Default.TimeoutFor(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Where_the_policy_delays_a_late_request_runs_behind_those_in_time()
    {
        var policy = new QueuePolicy { DefaultTimeout = TimeSpan.FromMilliseconds(10), TimeoutAction = TimeoutAction.Delay };
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 1, QueuePolicy = policy });
        await scenario.OccupyAsync();
        var late = scenario.Send(Rows(1));
        scenario.Time.Advance(5);
        var inTime = scenario.Send(Rows(2));
        scenario.Time.Advance(5);
        scenario.Model.LetGo();
        await late.GivesAsync(1);
        await inTime.GivesAsync(2);
        Assert.Equal([[-1], [2], [1]], scenario.Model.Runs);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_queue_at_once_and_makes_room()
    {
        await using var scenario = new BatcherScenario(new() { QueuePolicy = new() { MaxQueued = 1 } });
        await scenario.OccupyAsync();
        using var cancel = new CancellationTokenSource();
        var givenUp = scenario.Batcher.RunAsync([Rows(1)], cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        Assert.True(givenUp.IsCanceled);
        Assert.Equal(0, scenario.Batcher.Statistics.Queued);
        var next = scenario.Send(Rows(2));
        scenario.Model.LetGo();
        await next.GivesAsync(2);
        Assert.Equal([[-1], [2]], scenario.Model.Runs);
        Assert.Equal(1, scenario.Batcher.Statistics.Cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scenario.Send(Rows(3), cancellationToken: cancel.Token));
    }

    [Fact]
    public async Task A_request_given_up_while_it_runs_ends_with_its_batch_and_the_others_are_answered()
    {
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 3 });
        using var cancel = new CancellationTokenSource();
        scenario.Model.Hold();
        var waiting = new[] { scenario.Send(Rows(1)), scenario.Send(Rows(2), cancellationToken: cancel.Token), scenario.Send(Rows(3)) };
        await scenario.Model.BeginsAsync();
        await cancel.CancelAsync();
        Assert.False(waiting[1].IsCompleted, "The run may still read its inputs.");
        scenario.Model.LetGo();
        await waiting[0].GivesAsync(1);
        await waiting[2].GivesAsync(3);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[1]);
        var statistics = scenario.Batcher.Statistics;
        Assert.Equal((2, 1, 1, 2), (statistics.Success.Count, statistics.Fail.Count, statistics.Cancelled, statistics.InferenceCount));
    }

    [Fact]
    public async Task A_request_that_breaks_its_batch_fails_alone()
    {
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 4 });
        scenario.Model.OnRun = input =>
        {
            if (input.Values<long>().Contains(13))
                throw new InferenceRunException("13 is not in the table.", new IOException());
        };
        var waiting = new[] { 1, 13, 3, 4 }.Select(i => scenario.Send(Rows(i))).ToArray();
        await waiting[0].GivesAsync(1);
        Assert.Equal("13 is not in the table.", (await Assert.ThrowsAsync<InferenceRunException>(() => waiting[1])).Message);
        await waiting[2].GivesAsync(3);
        await waiting[3].GivesAsync(4);
        Assert.Equal([[1, 13, 3, 4], [1], [13], [3], [4]], scenario.Model.Runs);
        var statistics = scenario.Batcher.Statistics;
        Assert.Equal((3, 1, 3, 3), (statistics.Success.Count, statistics.Fail.Count, statistics.InferenceCount, statistics.ExecutionCount));

        var alone = await Assert.ThrowsAsync<InferenceRunException>(() => scenario.Send(Rows(13)));
        Assert.Equal("13 is not in the table.", alone.Message);
        await scenario.Send(Rows(5)).GivesAsync(5);
    }

    [Fact]
    public async Task Outputs_without_rows_are_computed_for_each_request_and_never_batched_again()
    {
        var model = new ScriptedModel
        {
            Signature = new(
                [new TensorSpec("in", TensorType.Int64, [-1, -1])],
                [new TensorSpec("out", TensorType.Int64, [-1, -1]), new TensorSpec("sum", TensorType.Int64, [-1]), new TensorSpec("fixed", TensorType.Int64, [1])],
                ImmutableSortedDictionary<string, string>.Empty),
            Answer = (input, outputs) => [.. outputs.Select(name => name == "out"
                ? new Tensor(name, input.Type, input.Shape.ToArray(), input.Data.ToArray())
                : Vectors.Of(name, TensorType.Int64, [1], input.Values<long>().Sum()))],
        };
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 2 }, model);
        Assert.Equal("Output 'fixed' has the shape [1], whose first dimension is not the rows.", Assert.Single(scenario.Batcher.UnbatchableReasons));
        var both = new[] { Rows(1, 2), Rows(3) }.Select(r => scenario.Batcher.RunAsync([r], ["out", "sum"]).AsTask()).ToArray();
        Assert.Equal(3, (await both[0].OutputsAsync())[1].Values<long>().Single());
        Assert.Equal(3, (await both[1].OutputsAsync())[1].Values<long>().Single());
        Assert.Equal([[1, 2, 3], [1, 2], [3]], model.Runs);
        Assert.Contains("Output 'sum' of a batch of 3 rows had the shape [1], whose first dimension is not the rows.", scenario.Batcher.UnbatchableReasons);

        await scenario.OccupyAsync();
        var next = new (Tensor Input, string[] Outputs)[] { (Rows(4), ["sum"]), (Rows(5), ["out"]), (Rows(6), ["sum"]), (Rows(7), ["out"]), (Rows(8), ["fixed"]) }
            .Select(r => scenario.Batcher.RunAsync([r.Input], r.Outputs).AsTask()).ToArray();
        model.LetGo();
        await Task.WhenAll(next).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal([[4], [5, 7], [6], [8]], model.Runs[4..]);
    }

    [Fact]
    public async Task A_drain_answers_what_was_admitted_and_admits_nothing_more()
    {
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 2, QueueDelay = TimeSpan.FromSeconds(1) });
        scenario.Model.Hold();
        var busy = OnThread(() => scenario.Send(Rows(-1, -2)));
        await scenario.Model.BeginsAsync();
        var waiting = scenario.Send(Rows(1));
        var drained = scenario.Batcher.DrainAsync();
        Assert.Equal("not_ready", (await scenario.Send(Rows(2)).RejectionAsync()).Reason);
        Assert.False(drained.IsCompleted);
        scenario.Model.LetGo();
        await drained.WaitAsync(TimeSpan.FromSeconds(60));
        await waiting.GivesAsync(1);
        await busy.GivesAsync(-1, -2);
        Assert.Equal("not_ready", (await scenario.Send(Rows(3)).RejectionAsync()).Reason);
        Assert.Equal(0, scenario.Time.Armed);
    }

    [Fact]
    public async Task An_idle_batcher_is_drained_at_once_and_a_held_one_is_let_go()
    {
        await using var idle = new BatcherScenario(new());
        Assert.True(idle.Batcher.DrainAsync().IsCompleted);

        await using var held = new BatcherScenario(new() { HoldUntilQueued = 9 });
        var waiting = held.Send(Rows(1));
        await held.Batcher.DrainAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await waiting.GivesAsync(1);
    }
}
