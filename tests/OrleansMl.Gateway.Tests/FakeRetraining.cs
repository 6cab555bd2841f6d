using OrleansMl.Retraining.Schedules;

namespace OrleansMl.Gateway.Tests;

/// <summary>The triggers of one model, in memory.</summary>
internal sealed class FakeRetraining : IRetrainScheduleService
{
    public const string Model = "watched";

    private string? _pausedBy;

    public Task<OmlResult<RetrainingStatus>> GetAsync(string model, CancellationToken cancellationToken) => Task.FromResult<OmlResult<RetrainingStatus>>(model != Model
        ? OmlError.NotFound("unknown_model", $"There is no model '{model}'.")
        : new RetrainingStatus
        {
            Model = Model,
            PausedBy = _pausedBy,
            Current = "j2",
            Triggers =
            [
                new RetrainTriggerStatus { Type = "cron", Trigger = "cron:@daily@UTC", Next = Samples.Time, Last = new TriggeredRetraining("j1", Samples.Time, "succeeded", null) },
                new RetrainTriggerStatus { Type = "outcomes", Trigger = "outcomes:50", Outcomes = 7, Every = 50, IsPending = true, Last = new TriggeredRetraining(null, Samples.Time, "refused", "It is odd.") },
                new RetrainTriggerStatus { Type = "alarm", Trigger = "alarm:*", CooldownUntil = Samples.Time },
            ],
        });

    public Task<OmlResult<RetrainingStatus>> PauseAsync(string model, string by, CancellationToken cancellationToken)
    {
        _pausedBy = by;
        return GetAsync(model, cancellationToken);
    }

    public Task<OmlResult<RetrainingStatus>> ResumeAsync(string model, CancellationToken cancellationToken)
    {
        _pausedBy = null;
        return GetAsync(model, cancellationToken);
    }
}
