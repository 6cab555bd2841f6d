using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Jobs;
using OrleansMl.Retraining.Schedules;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>When models are retrained; on a cluster whose retrainings a test holds and which it stops and starts.</summary>
public sealed class RetrainScheduleTests : IAsyncLifetime
{
    private readonly RecordingRunner _runner = new();
    private readonly LoopFixture _loop;
    private readonly ScheduledModel _model;

    public RetrainScheduleTests()
    {
        _loop = new LoopFixture { Replacing = Replace };
        _model = new ScheduledModel(_loop);
    }

    public Task InitializeAsync() => _loop.InitializeAsync();

    public Task DisposeAsync()
    {
        _loop.BeforeStateWrite = null;
        return _loop.DisposeAsync();
    }

    [Fact]
    public async Task A_cron_time_begins_one_retraining_whoever_looks_and_however_often()
    {
        await _model.ApplyAsync("{cron: \"0 3 * * *\", timezone: Europe/Berlin}");
        Assert.Equal(new DateTime(2026, 1, 6, 2, 0, 0, DateTimeKind.Utc), (await _model.TriggerAsync("cron")).Next);
        _loop.Clock.Advance(TimeSpan.FromHours(14) - TimeSpan.FromSeconds(1));
        await _model.CheckAsync();
        Assert.Empty(await _model.JobsAsync());

        _loop.Clock.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _loop.Get<RetrainSweeper>(i % _loop.Cluster.Silos.Count).SweepAsync()));
        await _model.EndedAsync(1);
        var spec = (await _model.JobsAsync())[0].Spec;
        Assert.Equal(("retrain", _model.Name, "cron:0 3 * * *@Europe/Berlin"), (spec.Kind, spec.Model, spec.By));
        await Eventually.IsAsync(async () => (await _model.TriggerAsync("cron")).Last!.State is var state and not "succeeded" ? $"It is {state}." : null);
        var trigger = await _model.TriggerAsync("cron");
        Assert.Equal((new DateTime(2026, 1, 7, 2, 0, 0, DateTimeKind.Utc), false, "succeeded"), (trigger.Next, trigger.IsPending, trigger.Last!.State));
        Assert.Equal((await _model.JobsAsync())[0].Id, trigger.Last.Job);
    }

    [Fact]
    public async Task Times_that_were_missed_while_nothing_ran_are_made_up_for_once()
    {
        await _model.ApplyAsync("{cron: \"0 * * * *\"}");
        await _loop.RestartAsync();
        _loop.Clock.Advance(TimeSpan.FromDays(40));

        // Nobody asks: the sweeper finds it.
        await _model.EndedAsync(1);
        await _model.CheckAsync();
        Assert.Single(await _model.JobsAsync());
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await _model.EndedAsync(2);
    }

    [Fact]
    public async Task Every_so_many_outcomes_are_counted_across_restarts_from_the_last_retraining_on()
    {
        await _model.LabelAsync(30);
        await _model.ApplyAsync("{outcomes: 20}");
        Assert.Equal((0L, 20L), await _model.TriggerAsync("outcomes") is var begin ? (begin.Outcomes, begin.Every) : default);
        await _model.LabelAsync(15);
        await _loop.RestartAsync();
        await _model.CheckAsync();
        Assert.Equal(15, (await _model.TriggerAsync("outcomes")).Outcomes);
        Assert.Empty(await _model.JobsAsync());

        await _model.LabelAsync(8);
        await _model.CheckAsync();
        await _model.EndedAsync(1);
        Assert.Equal("outcomes:20", (await _model.JobsAsync())[0].Spec.By);
        Assert.True((await _model.TriggerAsync("outcomes")).Outcomes <= 3);
        await _model.LabelAsync(20);
        await _model.CheckAsync();
        await _model.EndedAsync(2);
    }

    [Fact]
    public async Task A_retraining_by_hand_ends_the_count_of_outcomes_also_while_the_schedule_is_paused()
    {
        await _model.ApplyAsync("{outcomes: 20}");
        await _model.LabelAsync(15);
        await _model.RetrainAsync();
        await _model.EndedAsync(1);
        await _model.CheckAsync();
        Assert.Equal(0, (await _model.TriggerAsync("outcomes")).Outcomes);
        await _model.LabelAsync(15);
        await _model.CheckAsync();
        Assert.Single(await _model.JobsAsync());
        Assert.Equal(15, (await _model.TriggerAsync("outcomes")).Outcomes);

        // Again after a restart, which knows what it has seen; and a pause does not hide it.
        await _loop.RestartAsync();
        await _model.CheckAsync();
        Assert.Equal(15, (await _model.TriggerAsync("outcomes")).Outcomes);
        await _model.PauseAsync("me");
        await _model.RetrainAsync();
        await _model.EndedAsync(2);
        await _model.CheckAsync();
        await _model.ResumeAsync();
        Assert.Equal(0, (await _model.TriggerAsync("outcomes")).Outcomes);
        await _model.LabelAsync(20);
        await _model.CheckAsync();
        await _model.EndedAsync(3);
        Assert.Equal(["test", "test", "outcomes:20"], (await _model.JobsAsync()).Select(job => job.Spec.By));
    }

    [Fact]
    public async Task What_was_due_when_somebody_retrained_by_hand_is_not_done_again_after_it()
    {
        await _model.ApplyAsync("{outcomes: 5}");
        _runner.Hold(_model.Name);
        _runner.Prepare = spec => spec.By == "test" ? null : OmlError.Unavailable("not_now", "not now");
        await _model.LabelAsync(6);
        await _model.CheckAsync();
        Assert.True((await _model.TriggerAsync("outcomes")).IsPending);
        await _model.RetrainAsync();
        await _model.CheckAsync();
        Assert.Equal((false, 0L), await _model.TriggerAsync("outcomes") is var done ? (done.IsPending, done.Outcomes) : default);

        // Of what comes while it runs, so many begin the next.
        await _model.LabelAsync(5);
        await _model.CheckAsync();
        Assert.True((await _model.TriggerAsync("outcomes")).IsPending);
        _runner.Prepare = null;
        _runner.Release(_model.Name);
        await _model.EndedAsync(1);
        await _model.CheckAsync();
        await _model.EndedAsync(2);
    }

    [Fact]
    public async Task An_alarm_of_a_monitor_that_is_named_retrains_and_not_again_until_it_has_cooled_down()
    {
        await _model.AlarmAsync("price");
        await _model.ApplyAsync("{alarm: {monitors: [price], cooldown: 6h}}");
        await _model.AlarmAsync("rest");
        await _model.CheckAsync();
        Assert.Empty(await _model.JobsAsync());

        await _model.AlarmAsync("price");
        await _model.CheckAsync();
        await _model.EndedAsync(1);
        Assert.Equal("alarm:price", (await _model.JobsAsync())[0].Spec.By);
        Assert.Equal(_loop.Clock.Now + TimeSpan.FromHours(6), (await _model.TriggerAsync("alarm")).CooldownUntil);

        _loop.Clock.Advance(TimeSpan.FromHours(5));
        await _model.AlarmAsync("price");
        await _model.CheckAsync();
        _loop.Clock.Advance(TimeSpan.FromHours(2));
        await _model.CheckAsync();
        Assert.Single(await _model.JobsAsync());
        await _model.AlarmAsync("price");
        await _model.CheckAsync();
        await _model.EndedAsync(2);
    }

    [Fact]
    public async Task What_comes_while_one_runs_waits_and_becomes_one()
    {
        _runner.Hold(_model.Name);
        await _model.ApplyAsync("{cron: \"0 * * * *\"}, {outcomes: 5}, {alarm: {}}");
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await _model.CheckAsync();
        var first = Assert.Single(await _model.JobsAsync());
        Assert.Equal(first.Id, (await _model.StatusAsync()).Current);

        for (var hour = 0; hour < 3; hour++)
        {
            _loop.Clock.Advance(TimeSpan.FromHours(1));
            await _model.LabelAsync(5);
            await _model.AlarmAsync("rest");
            await _model.CheckAsync();
        }

        Assert.Single(await _model.JobsAsync());
        Assert.All((await _model.StatusAsync()).Triggers, trigger => Assert.True(trigger.IsPending));
        _runner.Release(_model.Name);
        await _model.EndedAsync(1);
        await _model.CheckAsync();
        await _model.EndedAsync(2);
        Assert.Equal("cron:0 * * * *@UTC, outcomes:5, alarm:*", (await _model.JobsAsync())[1].Spec.By);
        var status = await _model.StatusAsync();
        Assert.All(status.Triggers, trigger => Assert.False(trigger.IsPending));
        Assert.Equal((0L, null), (status.Triggers[1].Outcomes, status.Current));
    }

    [Fact]
    public async Task One_that_somebody_asked_for_counts_as_one_that_runs()
    {
        _runner.Hold(_model.Name);
        await _model.ApplyAsync("{cron: \"0 * * * *\"}");
        var asked = (await _loop.Get<IJobService>().CreateAsync(new JobSpec { Kind = "retrain", Model = _model.Name, By = "me" }, default)).Value;
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await _model.CheckAsync();
        Assert.Equal((asked.Id, true), await _model.StatusAsync() is var status ? (status.Current, status.Triggers[0].IsPending) : default);
        _runner.Release(_model.Name);
        await _model.EndedAsync(1);
        await _model.CheckAsync();
        await _model.EndedAsync(2);
    }

    [Fact]
    public async Task While_it_is_paused_nothing_begins_and_only_outcomes_go_on_counting()
    {
        await _model.ApplyAsync("{cron: \"0 * * * *\"}, {outcomes: 20}, {alarm: {}}");
        await _model.PauseAsync("ann");
        await _loop.RestartAsync();
        Assert.Equal("ann", (await _model.StatusAsync()).PausedBy);
        _loop.Clock.Advance(TimeSpan.FromHours(3));
        await _model.LabelAsync(12);
        await _model.AlarmAsync("price");
        await _model.CheckAsync();
        await _model.ResumeAsync();
        await _model.CheckAsync();
        Assert.Empty(await _model.JobsAsync());
        Assert.Equal(12, (await _model.TriggerAsync("outcomes")).Outcomes);
        await _model.LabelAsync(8);
        await _model.CheckAsync();
        await _model.EndedAsync(1);
    }

    [Fact]
    public async Task A_crash_after_the_job_was_made_does_not_make_another()
    {
        await _model.ApplyAsync("{cron: \"0 * * * *\"}");

        // What says that the job is made is never stored.
        _loop.BeforeStateWrite = async grain =>
        {
            if (grain.Contains("retrain-schedule", StringComparison.Ordinal) && (await _model.JobsAsync()).Count > 0)
                throw new IOException("The disk is full.");
        };
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAnyAsync<Exception>(_model.CheckAsync);
        await _model.EndedAsync(1);
        await _loop.RestartAsync();
        _loop.BeforeStateWrite = null;
        await _model.CheckAsync();
        var job = Assert.Single(await _model.JobsAsync());
        Assert.Equal((job.Id, false), await _model.TriggerAsync("cron") is var trigger ? (trigger.Last!.Job, trigger.IsPending) : default);
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await _model.CheckAsync();
        await _model.EndedAsync(2);
    }

    [Fact]
    public async Task A_crash_before_the_job_was_made_loses_nothing()
    {
        await _model.ApplyAsync("{cron: \"0 * * * *\"}");
        _runner.Prepare = _ => throw new IOException("The process dies here.");
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAnyAsync<Exception>(_model.CheckAsync);
        Assert.Empty(await _model.JobsAsync());
        await _loop.RestartAsync();
        _runner.Prepare = null;
        await _model.EndedAsync(1);
        await _model.CheckAsync();
        Assert.Single(await _model.JobsAsync());
    }

    [Fact]
    public async Task What_is_refused_is_said_and_comes_again_with_the_next_time_while_what_passes_is_tried_again()
    {
        await _model.ApplyAsync("{cron: \"0 * * * *\"}");
        _runner.Prepare = _ => OmlError.Invalid("There are 3 rows.", "insufficient_rows");
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await _model.CheckAsync();
        var last = (await _model.TriggerAsync("cron")).Last!;
        Assert.Equal((null, "refused", "There are 3 rows."), (last.Job, last.State, last.Detail));
        _runner.Prepare = null;
        await _model.CheckAsync();
        Assert.Empty(await _model.JobsAsync());

        _runner.Prepare = _ => OmlError.Unavailable("busy", "Not now.");
        _loop.Clock.Advance(TimeSpan.FromHours(1));
        await _model.CheckAsync();
        Assert.True((await _model.TriggerAsync("cron")).IsPending);
        _runner.Prepare = null;
        await _model.CheckAsync();
        await _model.EndedAsync(1);
        await Eventually.IsAsync(async () => (await _model.TriggerAsync("cron")).Last!.State is var state and not "succeeded" ? $"It is {state}." : null);
    }

    [Fact]
    public async Task A_trigger_that_is_declared_anew_begins_anew_and_one_that_stays_goes_on()
    {
        await _model.ApplyAsync("{outcomes: 20}, {cron: \"0 * * * *\"}");
        await _model.LabelAsync(12);
        await _model.ApplyAsync("{cron: \"@daily\"}, {outcomes: 20}");
        _loop.Clock.Advance(TimeSpan.FromHours(2));
        await _model.CheckAsync();
        Assert.Empty(await _model.JobsAsync());
        Assert.Equal([("cron:@daily@UTC", null), ("outcomes:20", 12L)], (await _model.StatusAsync()).Triggers.Select(trigger => (trigger.Trigger, trigger.Outcomes)));

        await _model.ApplyAsync("{cron: \"@daily\"}");
        await _model.ApplyAsync("{outcomes: 20}");
        Assert.Equal(0, (await _model.TriggerAsync("outcomes")).Outcomes);
    }

    [Fact]
    public async Task A_model_that_nobody_declares_is_unknown() =>
        Assert.Equal((404, "unknown_model"), (await _loop.Get<IRetrainScheduleService>().GetAsync("nothing", default)).Error is { } error ? (error.Status, error.Code) : default);

    /// <summary>In the place of the runner that is the product's.</summary>
    private void Replace(IServiceCollection services)
    {
        foreach (var own in services.Where(service => service.ServiceType == typeof(IJobRunner) && service.ImplementationType?.Name == "RetrainRunner").ToList())
            services.Remove(own);
        services.AddSingleton<IJobRunner>(_runner);
    }
}
