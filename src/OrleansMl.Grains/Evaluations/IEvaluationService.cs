namespace OrleansMl.Evaluations;

/// <summary>The state of a model's quality. Evaluations of a stretch of the log or a data set are jobs of kind <c>evaluate</c>.</summary>
public interface IEvaluationService
{
    /// <summary>Over the newest predictions. unknown_model, no_target.</summary>
    /// <param name="model">A declared model.</param>
    /// <param name="last">How many, 1 to 20,000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<OmlResult<ModelQuality>> GetQualityAsync(string model, int last, CancellationToken cancellationToken);
}
