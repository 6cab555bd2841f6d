namespace OrleansMl.Storage;

/// <summary>A logged prediction at its place in a feed of its model.</summary>
/// <param name="Sequence">Rises within the model's feed, in the order of commits; gaps mean nothing.</param>
/// <param name="Prediction">As it stands when it is read.</param>
public readonly record struct FedPrediction(long Sequence, PredictionRecord Prediction);
