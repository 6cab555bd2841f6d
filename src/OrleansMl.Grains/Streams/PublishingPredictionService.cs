using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Services;

namespace OrleansMl.Streams;

/// <summary>Predictions that are published once they are durable.</summary>
internal sealed class PublishingPredictionService(PredictionService inner, StreamPublisher publisher, [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : IPredictionService
{
    public async Task<OmlResult<PredictResponse>> PredictAsync(PredictRequest request, CancellationToken cancellationToken)
    {
        var answered = await inner.PredictAsync(request, cancellationToken);
        if (publisher.Publishes(OmlStreams.Predictions) && answered.TryGet(out var response, out _))
            await publisher.PredictionAsync(request, response, request.EventTime ?? clock.GetUtcNow().UtcDateTime, cancellationToken);
        return answered;
    }
}
