using System.Collections.Concurrent;

namespace OrleansMl.Inference.Tests.Batching;

public sealed class BatcherStressTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(2, 1)]
    public async Task Under_contention_every_request_ends_once_and_with_its_own_answer(int instances, int delay)
    {
        var model = new ScriptedModel();
        var ran = new ConcurrentBag<long>();
        model.OnRun = input =>
        {
            foreach (var value in input.Values<long>())
                ran.Add(value);
            Thread.SpinWait(500);
        };
        var batcher = new Batcher(
            (IBatchModel)model,
            new() { MaxBatchRows = 8, Instances = instances, QueueDelay = TimeSpan.FromMilliseconds(delay), PriorityLevels = 2, QueuePolicy = new() { MaxQueued = 12 } },
            TimeProvider.System);
        var ended = new ConcurrentDictionary<string, int>();
        var answered = new ConcurrentBag<long>();
        var senders = Enumerable.Range(0, 32).Select(s => Task.Run(async () =>
        {
            var random = new Random(s);
            for (var i = 0; i < 150; i++)
            {
                long[] values = [.. Enumerable.Range(0, random.Next(1, 5)).Select(v => (s * 1_000_000L) + (i * 10) + v)];
                using var cancel = new CancellationTokenSource();
                var task = batcher.RunAsync([BatcherScenario.Rows(values)], null, random.Next(3), null, cancel.Token).AsTask();
                if (random.Next(4) == 0)
                    await cancel.CancelAsync();
                string end;
                try
                {
                    var answer = await task.WaitAsync(TimeSpan.FromSeconds(60));
                    end = answer.TryGet(out var outputs, out var rejection) ? "answered" : rejection.Reason;
                    if (outputs is not null)
                    {
                        Assert.Equal(values, outputs[0].Values<long>());
                        Array.ForEach(values, answered.Add);
                    }
                }
                catch (OperationCanceledException)
                {
                    end = "cancelled";
                }

                ended.AddOrUpdate(end, 1, (_, n) => n + 1);
            }
        })).ToArray();
        await Task.WhenAll(senders);
        await batcher.DrainAsync().WaitAsync(TimeSpan.FromSeconds(60));

        var statistics = batcher.Statistics;
        Assert.Equal(32 * 150, ended.Values.Sum());
        Assert.Equal(ended.GetValueOrDefault("answered"), statistics.Success.Count);
        Assert.Equal(ended.GetValueOrDefault("cancelled"), statistics.Cancelled);
        Assert.Equal(ended.GetValueOrDefault("queue_full"), statistics.Rejected.GetValueOrDefault("queue_full"));
        Assert.Equal(answered.Count, statistics.InferenceCount);
        Assert.Equal(ran.Count, ran.Distinct().Count());
        Assert.Subset(ran.ToHashSet(), answered.ToHashSet());
        Assert.InRange(model.MostAtOnce, 1, instances);
        Assert.All(model.Runs, r => Assert.InRange(r.Length, 1, 8));
        Assert.Equal(0, statistics.Queued);
    }

    [Fact]
    public async Task Draining_under_load_loses_nothing()
    {
        for (var round = 0; round < 50; round++)
        {
            var model = new ScriptedModel();
            var batcher = new Batcher((IBatchModel)model, new() { MaxBatchRows = 4 }, TimeProvider.System);
            using var start = new Barrier(5);
            var senders = Enumerable.Range(0, 4).Select(s => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Task.WhenAll(Enumerable.Range(0, 20).Select(i => batcher.RunAsync([BatcherScenario.Rows((s * 100) + i)]).AsTask()));
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap()).ToArray();
            start.SignalAndWait();
            Thread.SpinWait(round * 50);
            await batcher.DrainAsync().WaitAsync(TimeSpan.FromSeconds(60));
            var atDrain = model.Runs.Sum(r => r.Length);
            var answers = (await Task.WhenAll(senders).WaitAsync(TimeSpan.FromSeconds(60))).SelectMany(a => a).ToArray();
            var answered = answers.Count(a => a.TryGet(out _, out _));
            Assert.Equal((atDrain, atDrain), (answered, model.Runs.Sum(r => r.Length)));
            Assert.All(answers, a => Assert.True(a.TryGet(out _, out var rejection) || rejection.Reason == RejectionReasons.NotReady));
        }
    }
}
