using OrleansMl.Grains.Tests.Monitoring;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>A model that declares when it is retrained; a test puts its labels and alarms into the store itself.</summary>
internal sealed class ScheduledModel(LoopFixture loop)
{
    private int _next;

    public string Name { get; } = "r" + Guid.NewGuid().ToString("n")[..12];

    private IRetrainScheduleGrain Grain => loop.Grains.GetGrain<IRetrainScheduleGrain>(Name);

    /// <summary>Declares the triggers and has them looked at: from here on they count.</summary>
    public async Task ApplyAsync(string on)
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest($$$"""
            apiVersion: orleansml/v1
            kind: Application
            name: {{{Name}}}
            entities: [{name: {{{Name}}}-client}]
            models:
              - name: {{{Name}}}
                entity: {{{Name}}}-client
                inputs:
                  x: {type: float, required: true}
                target: {name: {{{Name}}}-y, type: binary, window: 1h}
                monitors: [{name: price, on: score, detector: {type: adwin}}, {name: rest, on: score, detector: {type: kswin}}]
                trainer: {type: adagrad}
                retrain:
                  on: [{{{on}}}]
            """), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail + string.Join("; ", applied.Error?.Faults.Select(f => f.Detail) ?? []));
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
        await CheckAsync();
    }

    /// <summary>Looked at twice: that begins nothing twice.</summary>
    public async Task CheckAsync()
    {
        await Grain.CheckAsync();
        await Grain.CheckAsync();
    }

    /// <summary>Predictions that got their truth.</summary>
    public async Task LabelAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var record = Watched.Prediction(Name, ++_next, [0.5], "a", 0.5);
            await loop.Store.Predictions.AppendAsync(record);
            await loop.Store.Predictions.CommitAsync([],
            [
                new OutcomeChange
                {
                    PredictionId = record.PredictionId,
                    ExpectedState = PredictionState.Predicted,
                    ExpectedRevision = 0,
                    State = PredictionState.Labelled,
                    Label = 1,
                    LabelledAt = record.Time,
                },
            ]);
        }
    }

    public async Task AlarmAsync(string monitor) => await loop.Store.Monitoring.CommitAlarmsAsync(
        [(new AlarmRow { Id = $"{monitor}.{++_next}", Model = Name, Monitor = monitor, Raised = loop.Clock.Now, Document = "{}"u8.ToArray() }, new StreamAppend("none", Name, "{}"u8.ToArray()))], []);

    public async Task<RetrainingStatus> StatusAsync()
    {
        var status = await Grain.GetAsync();
        Assert.True(status.IsSuccess, status.Error?.Detail);
        return status.Value;
    }

    public async Task<RetrainTriggerStatus> TriggerAsync(string type) => Assert.Single((await StatusAsync()).Triggers, trigger => trigger.Type == type);

    public async Task PauseAsync(string by) => Assert.Equal(by, (await Grain.PauseAsync(by)).Value.PausedBy);

    public async Task ResumeAsync() => Assert.False((await Grain.ResumeAsync()).Value.IsPaused);

    /// <summary>Somebody asks for a retraining.</summary>
    public async Task RetrainAsync()
    {
        var made = await loop.Get<IJobService>().CreateAsync(new JobSpec { Kind = "retrain", Model = Name, By = "test" }, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
    }

    /// <summary>Its retrainings, oldest first.</summary>
    public async Task<List<JobStatus>> JobsAsync() => [.. (await loop.Get<IJobService>().ListAsync(new JobFilter { Kind = "retrain", Model = Name }, 100, default)).Reverse()];

    /// <summary>Waits until so many retrainings have ended, and there is no other.</summary>
    public Task EndedAsync(int count) => Eventually.IsAsync(async () =>
    {
        var jobs = await JobsAsync();
        Assert.True(jobs.Count <= count, $"There are {jobs.Count} jobs: {string.Join("; ", jobs.Select(job => job.Spec.By))}.");
        return jobs.Count(job => job.IsFinal) == count ? null : $"{jobs.Count(job => job.IsFinal)} of {count} have ended";
    });
}
