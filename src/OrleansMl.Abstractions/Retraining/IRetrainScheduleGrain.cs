namespace OrleansMl;

/// <summary>
/// When one model (key: its name) is retrained: looks at the triggers that its application declares, and makes a job of kind
/// <c>retrain</c> for what has come. One retraining at a time; what comes while one runs waits and becomes one.
/// </summary>
[Alias("oml.IRetrainScheduleGrain")]
public interface IRetrainScheduleGrain : IGrainWithStringKey
{
    /// <summary>Looks at the triggers. Asking twice begins nothing twice.</summary>
    [Alias("Check")]
    Task CheckAsync();

    /// <summary>404 where no application declares the model.</summary>
    [Alias("Get")]
    Task<OmlResult<RetrainingStatus>> GetAsync();

    /// <summary>Nothing begins until <see cref="ResumeAsync"/>; what runs goes on.</summary>
    /// <param name="by">Who asks.</param>
    [Alias("Pause")]
    Task<OmlResult<RetrainingStatus>> PauseAsync(string by);

    /// <summary>Begins anew: cron times and alarms of the pause are passed over, outcomes of it count.</summary>
    [Alias("Resume")]
    Task<OmlResult<RetrainingStatus>> ResumeAsync();
}
