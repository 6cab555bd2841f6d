namespace OrleansMl.Inference.Tests.Leases;

public class ModelHandleTests
{
    [Fact]
    public async Task The_model_outlives_the_retirement_until_the_last_lease_is_back()
    {
        var model = new CountedModel();
        var handle = new ModelHandle<CountedModel>(model);
        Assert.True(handle.TryAcquire(out var first));
        Assert.True(handle.TryAcquire(out var second));

        handle.Retire();
        Assert.False(handle.TryAcquire(out var refused));
        Assert.Null(refused);
        first.Dispose();
        first.Dispose();
        Assert.Equal((0, 1L), (model.Disposals, handle.Leases));
        Assert.False(handle.DrainedAsync().IsCompleted);
        Assert.Same(model, second.Model);

        second.Dispose();
        await handle.DrainedAsync();
        Assert.Equal((1, 0L), (model.Disposals, handle.Leases));
        Assert.Throws<ObjectDisposedException>(() => second.Model);
    }

    [Fact]
    public async Task Retiring_an_idle_handle_disposes_at_once_and_only_once()
    {
        var model = new CountedModel();
        var handle = new ModelHandle<CountedModel>(model);
        handle.Retire();
        handle.Retire();
        await handle.DrainedAsync();
        Assert.Equal(1, model.Disposals);
    }

    [Fact]
    public async Task A_failing_disposal_reaches_who_waits_for_the_drain_and_nobody_else()
    {
        var handle = new ModelHandle<CountedModel>(new CountedModel(fails: true));
        Assert.True(handle.TryAcquire(out var lease));
        handle.Retire();
        lease.Dispose();
        await Assert.ThrowsAsync<InvalidOperationException>(() => handle.DrainedAsync());
    }

    [Fact]
    public async Task Waiting_for_the_drain_can_be_given_up()
    {
        var handle = new ModelHandle<CountedModel>(new CountedModel());
        Assert.True(handle.TryAcquire(out _));
        using var cancel = new CancellationTokenSource();
        var drained = handle.DrainedAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drained);
    }

    [Fact]
    public async Task Under_contention_no_lease_follows_the_retirement_and_nothing_runs_after_disposal()
    {
        for (var round = 0; round < 300; round++)
        {
            var model = new CountedModel();
            var handle = new ModelHandle<CountedModel>(model);
            using var start = new Barrier(5);
            using var retired = new ManualResetEventSlim();
            var late = 0;
            var workers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    while (true)
                    {
                        var wasRetired = retired.IsSet;
                        if (!handle.TryAcquire(out var lease))
                            return;
                        if (wasRetired)
                            Interlocked.Increment(ref late);
                        using (lease)
                            lease.Model.Use();
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)).ToArray();

            start.SignalAndWait();
            Thread.SpinWait(round * 20);
            handle.Retire();
            retired.Set();
            await handle.DrainedAsync().WaitAsync(TimeSpan.FromSeconds(30));
            await Task.WhenAll(workers);
            Assert.Equal((1, 0, 0, 0L), (model.Disposals, model.UsesAfterDisposal, late, handle.Leases));
        }
    }

    [Fact]
    public async Task Versions_swap_under_load_without_a_failed_run()
    {
        // Version v answers v: an answer also proves which session ran.
        static ModelHandle<CoreModel> Load(int version) => new(CoreModel.Load(Graphs.Regressor(version)));

        var current = Load(1);
        using var stop = new CancellationTokenSource();
        var answers = 0;
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var last = 0f;
                while (!stop.IsCancellationRequested)
                {
                    // Between reading the plan and acquiring, the version may have gone: read again.
                    if (!Volatile.Read(ref current).TryAcquire(out var lease))
                        continue;
                    using (lease)
                    {
                        var answer = lease.Model.Score([1]);
                        Assert.True(answer >= last, $"version {answer} after {last}");
                        last = answer;
                    }

                    Interlocked.Increment(ref answers);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();

        for (var version = 2; version <= 40; version++)
        {
            var seen = Volatile.Read(ref answers);
            SpinWait.SpinUntil(() => Volatile.Read(ref answers) > seen || workers.Any(w => w.IsCompleted), TimeSpan.FromSeconds(30));
            var old = Interlocked.Exchange(ref current, Load(version));
            old.Retire();
            await old.DrainedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.True(answers >= 39);
    }

    private sealed class CountedModel(bool fails = false) : IDisposable
    {
        private int _disposals;
        private int _inUse;
        private int _late;

        public int Disposals => Volatile.Read(ref _disposals);

        public int UsesAfterDisposal => Volatile.Read(ref _late);

        public void Use()
        {
            Interlocked.Increment(ref _inUse);
            if (Disposals != 0)
                Interlocked.Increment(ref _late);
            Interlocked.Decrement(ref _inUse);
        }

        public void Dispose()
        {
            if (Volatile.Read(ref _inUse) != 0)
                Interlocked.Increment(ref _late);
            Interlocked.Increment(ref _disposals);
            if (fails)
                throw new InvalidOperationException("The session cannot be released.");
        }
    }
}
