using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>Jobs as silos run them; on a cluster of its own, which it stops and starts.</summary>
public sealed class JobHostTests : IAsyncLifetime
{
    private readonly ScriptedRunner _runner = new();
    private readonly LoopFixture _loop;

    public JobHostTests() => _loop = new LoopFixture
    {
        Services = services =>
        {
            services.AddSingleton<IJobRunner>(_runner);
            services.Configure<JobOptions>(o =>
            {
                o.Concurrency = 2;
                o.ReportEvery = TimeSpan.FromMilliseconds(20);
            });
        },
    };

    private IJobService Jobs => _loop.Get<IJobService>();

    public Task InitializeAsync() => _loop.InitializeAsync();

    public Task DisposeAsync() => _loop.DisposeAsync();

    [Fact]
    public async Task A_job_runs_on_threads_of_its_own_and_its_result_is_there()
    {
        var threads = new ConcurrentBag<string?>();
        var id = await StartAsync(async context =>
        {
            threads.Add(Thread.CurrentThread.Name);
            await context.SaveAsync("one", "x"u8.ToArray());
            threads.Add(Thread.CurrentThread.Name);
            await Task.Delay(1);
            threads.Add(Thread.CurrentThread.Name);
            return """{"done":true}""";
        });
        var ended = await EndAsync(id);
        Assert.Equal((JobState.Succeeded, """{"done":true}""", "one"), (ended.State, ended.Result, ended.Step));
        Assert.Equal(3, threads.Count);
        Assert.All(threads, name => Assert.StartsWith("oml-job-", name, StringComparison.Ordinal));
        await Eventually.IsAsync(() => Task.FromResult(_runner.Cleaned.Contains(id) ? null : "not cleaned up"));
    }

    [Fact]
    public async Task What_was_running_at_a_restart_goes_on_from_its_checkpoint_with_the_next_attempt()
    {
        var reached = new TaskCompletionSource();
        var seen = new ConcurrentQueue<(int Attempt, string? Step)>();
        var id = await StartAsync(async context =>
        {
            seen.Enqueue((context.Attempt, context.Step));
            if (context.Checkpoint is null)
            {
                await context.SaveAsync("first", "1"u8.ToArray());
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.Cancellation);
            }

            return """{"from":"checkpoint"}""";
        });
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await _loop.RestartAsync();
        var ended = await EndAsync(id);
        Assert.Equal((JobState.Succeeded, 2), (ended.State, ended.Attempt));
        Assert.Equal([(1, null), (2, "first")], seen);
    }

    [Fact]
    public async Task A_job_of_a_silo_that_died_is_taken_over()
    {
        var spec = _runner.Add(context => Task.FromResult<OmlResult<string>>($$"""{"attempt":{{context.Attempt}}}"""));
        var id = Guid.CreateVersion7().ToString("n");
        // Before any silo could take it, one that no membership knows has begun it.
        var job = _loop.Grains.GetGrain<IJobGrain>(id);
        await job.CreateAsync(spec with { Kind = "later" });
        Assert.True((await job.BeginAsync(new JobClaim("127.0.0.1:1@1", null, 5))).IsSuccess);
        var row = (await _loop.Store.Jobs.FindAsync(id))!;
        Assert.Equal("running", row.State);
        Assert.True((await Jobs.GetAsync(id, default)).IsSuccess);
        // The kind has no runner until now: the row is what a silo goes by.
        await _loop.Store.Jobs.RemoveAsync(id);
        await _loop.Store.Jobs.PutAsync(row with { Kind = "scripted" });
        Assert.Equal(2, (await EndAsync(id)).Attempt);
    }

    [Fact]
    public async Task No_more_run_at_once_than_may_and_the_others_wait_their_turn()
    {
        var (running, most) = (0, 0);
        var gate = new TaskCompletionSource();
        var most2 = _loop.Cluster.Silos.Count * 2;
        var ids = new List<string>();
        for (var i = 0; i < most2 + 3; i++)
        {
            ids.Add(await StartAsync(async _ =>
            {
                lock (gate)
                    most = Math.Max(most, ++running);
                await gate.Task;
                lock (gate)
                    running--;
                return "{}";
            }));
        }

        await Eventually.IsAsync(() => Task.FromResult(Volatile.Read(ref running) == most2 ? null : $"{running} run"));
        Assert.Equal(3, (await Jobs.ListAsync(new JobFilter { Kind = "scripted", State = "queued" }, 100, default)).Count);
        gate.SetResult();
        foreach (var id in ids)
            Assert.Equal(JobState.Succeeded, (await EndAsync(id)).State);
        Assert.Equal(most2, most);
        var listed = await Jobs.ListAsync(new JobFilter { Kind = "scripted" }, 100, default);
        Assert.Equal(ids.AsEnumerable().Reverse().ToHashSet(), listed.Select(j => j.Id).ToHashSet());
        Assert.Equal(listed.Select(j => j.Id).OrderDescending(StringComparer.Ordinal), listed.Select(j => j.Id));
    }

    [Fact]
    public async Task A_running_job_that_is_cancelled_stops()
    {
        var began = new TaskCompletionSource();
        var id = await StartAsync(async context =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.Cancellation);
            return "{}";
        });
        await began.Task.WaitAsync(TimeSpan.FromSeconds(20));
        // On whichever silo it runs.
        Assert.True((await _loop.Get<IJobService>(_loop.Cluster.Silos.Count - 1).CancelAsync(id, default)).IsSuccess);
        Assert.Equal(JobState.Cancelled, (await EndAsync(id)).State);
    }

    [Fact]
    public async Task A_mistake_in_a_runner_fails_the_job_and_what_passes_by_itself_is_tried_again()
    {
        var mistaken = await StartAsync(_ => throw new InvalidTimeZoneException("a mistake"));
        var failed = await EndAsync(mistaken);
        Assert.Equal((JobState.Failed, "job_failed"), (failed.State, failed.Error!.Code));
        Assert.Contains("a mistake", failed.Error.Detail, StringComparison.Ordinal);
        Assert.Contains((await Jobs.ReadLogAsync(mistaken, 0, 10, default)).Value, line => line.Level == "error");

        var busy = await StartAsync(context => context.Attempt == 1 ? throw new TimeoutException("too slow") : Task.FromResult<OmlResult<string>>("{}"));
        Assert.Equal((JobState.Succeeded, 2), await EndAsync(busy) is var again ? (again.State, again.Attempt) : default);

        var refused = await StartAsync(_ => Task.FromResult<OmlResult<string>>(OmlError.Invalid("the data are odd", "odd")));
        Assert.Equal("odd", (await EndAsync(refused)).Error!.Code);
    }

    [Fact]
    public async Task A_repeat_does_the_same_under_a_name_of_its_own_and_unknown_kinds_and_ids_are_refused()
    {
        var id = await StartAsync(_ => Task.FromResult<OmlResult<string>>("{}"));
        await EndAsync(id);
        var again = (await Jobs.RepeatAsync(id, "me", default)).Value;
        Assert.NotEqual(id, again.Id);
        Assert.Equal((id, "me"), (again.Spec.RepeatOf, again.Spec.By));
        Assert.Equal(JobState.Succeeded, (await EndAsync(again.Id)).State);

        var unknown = await Jobs.CreateAsync(new JobSpec { Kind = "backfill" }, default);
        Assert.Equal((400, "unknown_kind"), (unknown.Error!.Status, unknown.Error.Code));
        Assert.Equal((404, "unknown_job"), ((await Jobs.GetAsync("x y", default)).Error!.Status, (await Jobs.CancelAsync("none", default)).Error!.Code));
    }

    private async Task<string> StartAsync(Func<IJobContext, Task<OmlResult<string>>> script)
    {
        var made = await Jobs.CreateAsync(_runner.Add(script), default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        return made.Value.Id;
    }

    private async Task<JobStatus> EndAsync(string id)
    {
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(id, default)).Value is { IsFinal: true } ? null : $"job {id} has not ended", TimeSpan.FromSeconds(40));
        return (await Jobs.GetAsync(id, default)).Value;
    }
}
