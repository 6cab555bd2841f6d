using System.Collections.Immutable;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>A prediction as monitors see it; its vector is read once for all of them, and only if one asks for it.</summary>
internal sealed class MonitorRow(FedPrediction fed)
{
    private ImmutableArray<FeatureValue> _vector;

    public long Sequence => fed.Sequence;

    public PredictionRecord Prediction => fed.Prediction;

    /// <exception cref="InvalidDataException">The logged bytes are no vector.</exception>
    public ImmutableArray<FeatureValue> Vector => _vector.IsDefault ? _vector = VectorCodec.Decode(fed.Prediction.Vector) : _vector;
}
