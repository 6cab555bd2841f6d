namespace OrleansMl.Services;

/// <summary>Predictions for entities: features, model, post-processing, log. One for each silo; the gateway calls it directly.</summary>
public interface IPredictionService
{
    Task<OmlResult<PredictResponse>> PredictAsync(PredictRequest request, CancellationToken cancellationToken);
}
