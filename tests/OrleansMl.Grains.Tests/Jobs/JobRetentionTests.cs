using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Datasets;
using OrleansMl.Grains.Tests.Retraining;
using OrleansMl.Jobs;
using OrleansMl.Jobs.BatchPredict;
using OrleansMl.Jobs.Retention;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>Ended jobs go when they are told to, when they are old, and when there are too many; on a cluster of its own.</summary>
public sealed class JobRetentionTests : IAsyncLifetime
{
    private const int Most = 3;

    private static readonly TimeSpan s_keep = TimeSpan.FromDays(10);

    private readonly ScriptedRunner _runner = new();
    private readonly LoopFixture _loop;

    public JobRetentionTests() => _loop = new LoopFixture
    {
        Services = services =>
        {
            services.AddSingleton<IJobRunner>(_runner);
            services.Configure<JobOptions>(o => (o.KeepEnded, o.MaxEnded) = (s_keep, Most));
        },
    };

    private IJobService Jobs => _loop.Get<IJobService>();

    private IDatasetStore Datasets => _loop.Store.Datasets;

    public Task InitializeAsync() => _loop.InitializeAsync();

    public Task DisposeAsync() => _loop.DisposeAsync();

    [Fact]
    public async Task A_job_that_has_ended_is_deleted_with_its_log_its_files_and_what_it_wrote()
    {
        var (id, gate) = (await StartAsync(WriteAsync), new TaskCompletionSource());
        await EndAsync(id);
        Assert.NotNull(await Datasets.FindAsync(id + "-1"));
        Assert.Single((await Jobs.ReadLogAsync(id, 0, 10, default)).Value);
        var deleted = await Jobs.DeleteAsync(id, default);
        Assert.Equal((id, JobState.Succeeded), (deleted.Value.Id, deleted.Value.State));
        Assert.Null(await Datasets.FindAsync(id + "-1"));
        Assert.Empty(await _loop.Store.Jobs.ReadLogAsync(id, 0, 10));
        Assert.Equal(2, _runner.Cleaned.Count(cleaned => cleaned == id));
        Assert.DoesNotContain(await Jobs.ListAsync(new JobFilter(), 10, default), job => job.Id == id);
        foreach (var asked in new[] { (await Jobs.GetAsync(id, default)).Error, (await Jobs.DeleteAsync(id, default)).Error, (await Jobs.RepeatAsync(id, "me", default)).Error, (await Jobs.GetManifestAsync(id, default)).Error })
            Assert.Equal("unknown_job", asked!.Code);

        var running = await StartAsync(async context =>
        {
            await gate.Task.WaitAsync(context.Cancellation);
            return "{}";
        });
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(running, default)).Value.State == JobState.Running ? null : "it does not run yet");
        Assert.Equal((409, "job_open", "running"), await Jobs.DeleteAsync(running, default) is var open ? (open.Error!.Status, open.Error.Code, open.Error.Current) : default);
        gate.SetResult();
        await EndAsync(running);
        Assert.True((await Jobs.DeleteAsync(running, default)).IsSuccess);
    }

    [Fact]
    public async Task A_job_that_another_repeats_stays_until_that_has_ended()
    {
        var id = await StartAsync(_ => Task.FromResult<OmlResult<string>>("{}"));
        await EndAsync(id);
        var repeat = await _loop.Grains.GetGrain<IJobGrain>(Guid.CreateVersion7().ToString("n")).CreateAsync(new JobSpec { Kind = "manual", RepeatOf = id });
        Assert.Equal(("job_in_use", repeat.Id), await Jobs.DeleteAsync(id, default) is var refused ? (refused.Error!.Code, refused.Error.Current) : default);
        await Jobs.CancelAsync(repeat.Id, default);
        Assert.True((await Jobs.DeleteAsync(id, default)).IsSuccess);
    }

    [Fact]
    public async Task A_removal_that_was_cut_off_before_the_row_is_finished_by_the_next()
    {
        var id = await StartAsync(_ => Task.FromResult<OmlResult<string>>("{}"));
        await EndAsync(id);
        var row = (await _loop.Store.Jobs.FindAsync(id))!;
        Assert.True((await Jobs.DeleteAsync(id, default)).IsSuccess);
        await _loop.Store.Jobs.PutAsync(row);
        Assert.Equal("unknown_job", (await Jobs.DeleteAsync(id, default)).Error!.Code);
        Assert.Null(await _loop.Store.Jobs.FindAsync(id));

        await _loop.Store.Jobs.PutAsync(row);
        _loop.Clock.Advance(s_keep);
        await SweepAsync();
        Assert.Null(await _loop.Store.Jobs.FindAsync(id));
    }

    [Fact]
    public async Task Jobs_go_when_they_are_old_and_of_a_kind_that_has_too_many_the_oldest()
    {
        var ids = new List<string>();
        for (var i = 0; i < Most + 2; i++)
        {
            ids.Add(await StartAsync(WriteAsync));
            await EndAsync(ids[^1]);
        }

        // Another kind has a bound of its own, and what has not ended does not count.
        var waiting = (await _loop.Grains.GetGrain<IJobGrain>(Guid.CreateVersion7().ToString("n")).CreateAsync(new JobSpec { Kind = "scripted-not" })).Id;
        await SweepAsync();
        Assert.Equal(ids[2..], await LeftAsync());
        foreach (var id in ids)
            Assert.Equal(ids.IndexOf(id) >= 2, await Datasets.FindAsync(id + "-1") is not null);

        _loop.Clock.Advance(s_keep - TimeSpan.FromMinutes(1));
        var young = await StartAsync(WriteAsync);
        await EndAsync(young);
        await SweepAsync();
        Assert.Equal([.. ids[3..], young], await LeftAsync());
        _loop.Clock.Advance(TimeSpan.FromMinutes(1));
        await SweepAsync();
        Assert.Equal([young], await LeftAsync());
        Assert.True((await Jobs.GetAsync(waiting, default)).IsSuccess);
    }

    [Fact]
    public async Task A_job_that_made_a_version_is_kept_as_long_as_the_version_and_does_not_count()
    {
        var toy = new RetrainToy(_loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 60))));
        await toy.LabelAsync(100, 61);
        var job = await toy.EndAsync((await toy.CreateAsync(toy.Spec(parameters: """{"minRows":50,"promote":"register"}"""))).Id);
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        var extract = (await Datasets.ListAsync(new DatasetFilter { WrittenBy = job.Id }, 10))[^1].Id;
        Assert.Equal((409, "job_kept", $"{toy.Name}/2"), await Jobs.DeleteAsync(job.Id, default) is var kept ? (kept.Error!.Status, kept.Error.Code, kept.Error.Current) : default);
        _loop.Clock.Advance(s_keep * 2);
        await SweepAsync();
        Assert.True((await Jobs.GetAsync(job.Id, default)).IsSuccess);
        Assert.True((await Jobs.GetManifestAsync(job.Id, default)).Value.Repeat!.IsRepeatable);
        Assert.NotNull(await Datasets.FindAsync(extract));

        Assert.True((await _loop.Control.DeleteVersionAsync(toy.Name, 2, default)).IsSuccess);
        await SweepAsync();
        Assert.Equal("unknown_job", (await Jobs.GetAsync(job.Id, default)).Error!.Code);
        Assert.Null(await Datasets.FindAsync(extract));
        Assert.Single(await Jobs.ListAsync(new JobFilter { Kind = "retrain", Model = toy.Name }, 10, default));
    }

    [Fact]
    public async Task A_data_set_that_was_sent_outlives_the_job_that_stands_for_it()
    {
        var toy = new RetrainToy(_loop);
        var id = await toy.UploadAsync("a\n1\n");
        var job = (await Datasets.FindAsync(id))!.Job!;
        _loop.Clock.Advance(s_keep);
        await SweepAsync();
        Assert.Equal("unknown_job", (await Jobs.GetAsync(job, default)).Error!.Code);
        Assert.NotNull(await Datasets.FindAsync(id));
    }

    private Task SweepAsync() => _loop.Get<JobSweeper>().SweepAsync();

    private async Task<IEnumerable<string>> LeftAsync() => (await Jobs.ListAsync(new JobFilter { Kind = "scripted" }, 100, default)).Select(job => job.Id).Reverse();

    private async Task<OmlResult<string>> WriteAsync(IJobContext context)
    {
        var part = $"{context.JobId}.1.part";
        await using (var file = Datasets.CreateScratch(part))
            await file.WriteAsync("a\n1\n"u8.ToArray());
        await context.LogAsync("information", "It writes.");
        var made = await JobParts.StoreAsync(context, Datasets, [new PartExtent(part, 4)], "csv", 1, null);
        return DatasetService.ResultOf(made);
    }

    private async Task<string> StartAsync(Func<IJobContext, Task<OmlResult<string>>> script) => (await Jobs.CreateAsync(_runner.Add(script), default)).Value.Id;

    private async Task EndAsync(string id)
    {
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(id, default)).Value.IsFinal ? null : "it has not ended");
        await Eventually.IsAsync(() => Task.FromResult(_runner.Cleaned.Contains(id) ? null : "it is not cleaned up"));
    }
}
