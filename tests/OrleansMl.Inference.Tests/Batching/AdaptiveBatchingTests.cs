using static OrleansMl.Inference.Tests.Batching.BatcherScenario;

namespace OrleansMl.Inference.Tests.Batching;

public sealed class AdaptiveBatchingTests
{
    [Fact]
    public void The_time_of_a_batch_is_a_line_over_its_rows_without_the_first_two()
    {
        var model = new BatchTimeModel();
        Assert.Null(model.Expect(1));
        model.Add(1, TimeSpan.FromSeconds(5));
        model.Add(2, TimeSpan.FromSeconds(9));
        Assert.Null(model.Expect(1));
        foreach (var rows in new[] { 1, 4, 9, 16 })
            model.Add(rows, TimeSpan.FromMilliseconds((3 * rows) + 2));
        Assert.Equal(98, model.Expect(32)!.Value.TotalMilliseconds, 6);
        Assert.Equal(5, model.Expect(1)!.Value.TotalMilliseconds, 6);
    }

    [Fact]
    public void Only_the_last_fifty_batches_count()
    {
        var model = new BatchTimeModel();
        for (var i = 0; i < 40; i++)
            model.Add(1 + (i % 5), TimeSpan.FromSeconds(7));
        for (var i = 0; i < 50; i++)
            model.Add(1 + (i % 5), TimeSpan.FromMilliseconds(1 + (i % 5)));
        Assert.Equal(10, model.Expect(10)!.Value.TotalMilliseconds, 6);
    }

    [Fact]
    public void Where_a_line_makes_no_sense_the_time_stays_above_zero()
    {
        var same = new BatchTimeModel();
        var falling = new BatchTimeModel();
        var steep = new BatchTimeModel();
        for (var i = 0; i < 6; i++)
        {
            same.Add(4, TimeSpan.FromMilliseconds(3 + (i % 2)));
            falling.Add(1 + (i % 2), TimeSpan.FromMilliseconds(5 - (i % 2)));
            steep.Add(2 + (i % 2), TimeSpan.FromMilliseconds(1 + (9 * (i % 2))));
        }

        Assert.Equal([3.5, 3.5], new[] { 1, 32 }.Select(n => same.Expect(n)!.Value.TotalMilliseconds));
        Assert.Equal([4.5, 4.5], new[] { 1, 32 }.Select(n => falling.Expect(n)!.Value.TotalMilliseconds));
        Assert.Equal(2.2, steep.Expect(1)!.Value.TotalMilliseconds, 3);
    }

    [Fact]
    public void The_answer_is_expected_after_what_runs_and_what_waits()
    {
        var estimate = new LatencyEstimate(new() { MaxBatchRows = 10, Instances = 1 });
        Assert.Null(estimate.For(1, false, (0, 0), TimeSpan.Zero));

        // A batch of n rows takes n + 10 ms.
        foreach (var rows in new[] { 1, 1, 2, 10 })
            estimate.Finished(estimate.Started(rows, TimeSpan.Zero), TimeSpan.FromMilliseconds(rows + 10));
        Assert.Equal((0, 11), For(1, 0, 0));
        Assert.Equal((0, 18), For(3, 5, 0));
        Assert.Equal((2 * 20, 40 + 18), For(3, 25, 0));
        Assert.Equal((20 + 19, 39 + 13), For(3, 19, 0));
        Assert.Equal((2 * 11, 22 + 11), For(1, 0, 2));

        // One of 10 rows began 5 ms ago, or is late already.
        estimate.Started(10, TimeSpan.FromMilliseconds(95));
        Assert.Equal((15, 15 + 11), For(1, 0, 0, 100));
        Assert.Equal((0, 11), For(1, 0, 0, 500));

        (double, double) For(int rows, long ahead, int alone, int now = 0)
        {
            var (start, answer) = estimate.For(rows, false, (ahead, alone), TimeSpan.FromMilliseconds(now))!.Value;
            return (Math.Round(start.TotalMilliseconds, 4), Math.Round(answer.TotalMilliseconds, 4));
        }
    }

    [Fact]
    public async Task What_would_miss_its_deadline_is_rejected_at_once_and_an_idle_session_takes_anything()
    {
        await using var scenario = new BatcherScenario(new()
        {
            MaxBatchRows = 2,
            Adaptive = new() { LatencyTarget = TimeSpan.FromMilliseconds(50) },
            QueuePolicy = new() { AllowTimeoutOverride = true },
        });
        // Every batch takes 20 ms.
        scenario.Model.OnRun = _ => scenario.Time.Advance(20);
        for (var i = 0; i < 4; i++)
            await scenario.Send(Rows(i)).GivesAsync(i);

        var busy = await scenario.OccupyAsync();
        var second = scenario.Send(Rows(10, 11));
        var late = await scenario.Send(Rows(12, 13)).RejectionAsync();
        Assert.Equal(new Rejection("deadline", "The answer is expected in 60 ms, later than the target of 50 ms (LatencyTarget); send it again later."), late);
        var impatient = await scenario.Send(Rows(14, 15), timeout: TimeSpan.FromMilliseconds(30)).RejectionAsync();
        Assert.Equal("deadline", impatient.Reason);
        scenario.Model.LetGo();
        await busy.GivesAsync(-1);
        await second.GivesAsync(10, 11);

        // Now each takes longer than the target; one at a time is admitted all the same.
        scenario.Model.OnRun = _ => scenario.Time.Advance(100);
        for (var i = 0; i < 60; i++)
            await scenario.Send(Rows(i)).GivesAsync(i);
        Assert.Equal(2, scenario.Batcher.Statistics.Rejected["deadline"]);
    }
}
