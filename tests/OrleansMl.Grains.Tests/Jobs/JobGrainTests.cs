using System.Collections.Immutable;
using System.Text;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>The life of a job, with attempts played by the test: no runner knows their kind, so that no silo takes them.</summary>
[Collection(LoopCollection.Name)]
public sealed class JobGrainTests(LoopFixture loop)
{
    private static readonly JobProgress Halfway = new("second", 0.5, 12, ImmutableSortedDictionary<string, double>.Empty.Add("rows", 3));

    [Fact]
    public async Task A_job_waits_runs_and_ends()
    {
        var (job, made) = await MakeAsync();
        Assert.Equal((JobState.Queued, 0, loop.Clock.Now), (made.State, made.Attempt, made.Created));

        var ticket = (await job.BeginAsync(Claim("a"))).Value;
        Assert.Equal((1, null, null), (ticket.Attempt, ticket.Step, ticket.Checkpoint));
        Assert.Equal(JobDirective.Continue, (await job.SaveAsync(1, "half"u8.ToArray(), Halfway)).Value);
        var running = (await job.GetAsync()).Value;
        Assert.Equal((JobState.Running, "second", 0.5, 12.0, 3.0), (running.State, running.Step, running.Progress, running.EtaSeconds, running.Metrics["rows"]));

        var ended = (await job.FinishAsync(1, new JobOutcome(JobState.Succeeded, """{"n":1}""", null))).Value;
        Assert.Equal((JobState.Succeeded, """{"n":1}""", 1.0, null), (ended.State, ended.Result, ended.Progress, ended.EtaSeconds));
        Assert.Equal("succeeded", (await loop.Store.Jobs.FindAsync(made.Id))!.State);
        Assert.Equal(["succeeded"], (await job.GetManifestAsync()).Value.Attempts.Select(a => a.Reason));
    }

    [Fact]
    public async Task Two_attempts_never_both_count()
    {
        var (job, _) = await MakeAsync();
        await job.BeginAsync(Claim("a"));
        await job.SaveAsync(1, "one"u8.ToArray(), Halfway);

        // Another silo takes it while the first only seems to be gone.
        Assert.Equal("job_running", (await job.BeginAsync(Claim("b"))).Error!.Code);
        Assert.Equal("job_running", (await job.BeginAsync(Claim("b", gone: "c"))).Error!.Code);
        var second = (await job.BeginAsync(Claim("b", gone: "a"))).Value;
        Assert.Equal((2, "second", "one"), (second.Attempt, second.Step, Encoding.UTF8.GetString(second.Checkpoint!.Value.Span)));

        OmlError?[] refused =
        [
            (await job.SaveAsync(1, "late"u8.ToArray(), Halfway)).Error,
            (await job.ReportAsync(1, Halfway)).Error,
            (await job.LogAsync(1, [new JobLogLine("information", "late")])).Error,
            (await job.FinishAsync(1, new JobOutcome(JobState.Succeeded, "{}", null))).Error,
            (await job.ReleaseAsync(1, "late", false)).Error,
        ];
        Assert.All(refused, error => Assert.Equal((IJobGrain.Fenced, 409, "2"), (error!.Code, error.Status, error.Current)));
        Assert.True((await job.SaveAsync(2, "two"u8.ToArray(), Halfway)).IsSuccess);
        Assert.True((await job.FinishAsync(2, new JobOutcome(JobState.Succeeded, "{}", null))).IsSuccess);
        // Told once more, because the answer was lost; and by the one that is over.
        Assert.True((await job.FinishAsync(2, new JobOutcome(JobState.Succeeded, "{}", null))).IsSuccess);
        Assert.Equal(IJobGrain.Fenced, (await job.FinishAsync(1, new JobOutcome(JobState.Failed, null, null))).Error!.Code);
        Assert.Equal([("a", "its silo is gone"), ("b", "succeeded")], (await job.GetManifestAsync()).Value.Attempts.Select(a => (a.Owner, a.Reason!)));
    }

    [Fact]
    public async Task Of_many_that_claim_it_at_once_one_gets_it()
    {
        var (job, _) = await MakeAsync();
        var claims = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => job.BeginAsync(Claim($"silo{i}"))));
        Assert.Single(claims, c => c.IsSuccess);
    }

    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once_and_a_running_one_when_it_stops()
    {
        var (waiting, _) = await MakeAsync();
        Assert.Equal(JobState.Cancelled, (await waiting.CancelAsync()).Value.State);
        Assert.Equal(JobState.Cancelled, (await waiting.CancelAsync()).Value.State);

        var (running, _) = await MakeAsync();
        await running.BeginAsync(Claim("a"));
        var asked = (await running.CancelAsync()).Value;
        Assert.Equal((JobState.Running, true), (asked.State, asked.IsCancelling));
        Assert.Equal(JobDirective.Cancel, (await running.ReportAsync(1, Halfway)).Value);
        Assert.Equal(JobState.Cancelled, (await running.FinishAsync(1, new JobOutcome(JobState.Cancelled, null, null))).Value.State);

        var (done, _) = await MakeAsync();
        await done.BeginAsync(Claim("a"));
        await done.FinishAsync(1, new JobOutcome(JobState.Failed, null, OmlError.Invalid("no")));
        Assert.Equal((409, "job_ended", "failed"), ((await done.CancelAsync()).Error!.Status, (await done.CancelAsync()).Error!.Code, (await done.CancelAsync()).Error!.Current));
    }

    [Fact]
    public async Task A_job_whose_silo_died_while_it_was_to_stop_is_cancelled()
    {
        var (job, _) = await MakeAsync();
        await job.BeginAsync(Claim("a"));
        await job.CancelAsync();
        Assert.Equal("job_ended", (await job.BeginAsync(Claim("b", gone: "a"))).Error!.Code);
        Assert.Equal(JobState.Cancelled, (await job.GetAsync()).Value.State);
    }

    [Fact]
    public async Task A_job_that_takes_its_silo_down_each_time_is_given_up_and_a_checkpoint_gives_it_more_time()
    {
        var (job, _) = await MakeAsync();
        await job.BeginAsync(Claim("s0"));
        for (var death = 1; death < 5; death++)
            Assert.True((await job.BeginAsync(Claim($"s{death}", gone: $"s{death - 1}"))).IsSuccess);
        await job.SaveAsync(5, "some"u8.ToArray(), Halfway);
        for (var death = 5; death < 9; death++)
            Assert.True((await job.BeginAsync(Claim($"s{death}", gone: $"s{death - 1}"))).IsSuccess);
        Assert.Equal("job_ended", (await job.BeginAsync(Claim("s9", gone: "s8"))).Error!.Code);
        var failed = (await job.GetAsync()).Value;
        Assert.Equal((JobState.Failed, "interrupted"), (failed.State, failed.Error!.Code));
        Assert.Contains("5 times", failed.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_given_back_waits_with_its_checkpoint_and_a_stopping_silo_does_not_count_against_it()
    {
        var (job, _) = await MakeAsync();
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            Assert.Equal(attempt, (await job.BeginAsync(Claim("a"))).Value.Attempt);
            Assert.Equal(JobState.Queued, (await job.ReleaseAsync(attempt, "the silo stops", isFault: false)).Value.State);
        }
    }

    [Fact]
    public async Task What_it_says_is_kept_in_order_and_who_waits_hears_of_it()
    {
        var (job, made) = await MakeAsync();
        await job.BeginAsync(Claim("a"));
        var known = (await job.GetAsync()).Value.Revision;
        var waiting = job.WaitAsync(known, default);
        await job.LogAsync(1, [new JobLogLine("information", "one"), new JobLogLine("warning", "two")]);
        Assert.Equal(2, (await waiting).Value.LogSequence);
        await job.LogAsync(1, [new JobLogLine("error", "three")]);
        var lines = await loop.Store.Jobs.ReadLogAsync(made.Id, 0, 100);
        Assert.Equal([(1, "one"), (2, "two"), (3, "three")], lines.Select(l => ((int)l.Sequence, l.Text)));
        Assert.Equal(["three"], (await loop.Store.Jobs.ReadLogAsync(made.Id, 2, 100)).Select(l => l.Text));
        Assert.All(lines, l => Assert.Equal(loop.Clock.Now, l.Time));
    }

    [Fact]
    public async Task A_failed_write_changes_nothing()
    {
        var (job, made) = await MakeAsync();
        await job.BeginAsync(Claim("a"));
        loop.BeforeStateWrite = grain => grain.Contains(made.Id, StringComparison.Ordinal) ? throw new IOException("the disk is full") : Task.CompletedTask;
        try
        {
            await Assert.ThrowsAnyAsync<Exception>(() => job.SaveAsync(1, "lost"u8.ToArray(), Halfway));
            Assert.Null((await job.GetAsync()).Value.Step);
        }
        finally
        {
            loop.BeforeStateWrite = null;
        }

        Assert.Null((await job.BeginAsync(Claim("b", gone: "a"))).Value.Checkpoint);
    }

    [Fact]
    public async Task A_job_that_was_never_made_is_unknown_and_its_row_goes()
    {
        var id = NewId();
        await loop.Store.Jobs.PutAsync(new JobRow(id, "manual", "", "queued", true, "{}"u8.ToArray()));
        var job = loop.Grains.GetGrain<IJobGrain>(id);
        Assert.Equal((404, "unknown_job"), ((await job.BeginAsync(Claim("a"))).Error!.Status, (await job.GetAsync()).Error!.Code));
        Assert.Null(await loop.Store.Jobs.FindAsync(id));
    }

    private static JobClaim Claim(string owner, string? gone = null) => new(owner, gone, MaxIdleAttempts: 5);

    private async Task<(IJobGrain Job, JobStatus Made)> MakeAsync()
    {
        var job = loop.Grains.GetGrain<IJobGrain>(NewId());
        return (job, await job.CreateAsync(new JobSpec { Kind = "manual" }));
    }

    private static string NewId() => Guid.CreateVersion7().ToString("n");
}
