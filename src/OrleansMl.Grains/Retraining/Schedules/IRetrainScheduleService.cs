namespace OrleansMl.Retraining.Schedules;

/// <summary>When models are retrained, as callers have it. The gateway calls it directly.</summary>
public interface IRetrainScheduleService
{
    /// <summary>unknown_model where no application declares it, here and below.</summary>
    Task<OmlResult<RetrainingStatus>> GetAsync(string model, CancellationToken cancellationToken);

    /// <summary>Nothing begins until it is resumed.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<OmlResult<RetrainingStatus>> PauseAsync(string model, string by, CancellationToken cancellationToken);

    Task<OmlResult<RetrainingStatus>> ResumeAsync(string model, CancellationToken cancellationToken);
}
