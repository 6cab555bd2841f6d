using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Features;
using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace OrleansMl.Outcomes;

/// <summary>Vectors that examples need beside those that were served. What cannot be read now is never learned as missing.</summary>
internal sealed class ExampleVectors(IGrainFactory grains)
{
    /// <summary>
    /// A truth about nothing predicted, as an example for each learner that takes such: with what was known of the entity, and of
    /// the candidate, just before it.
    /// </summary>
    /// <exception cref="VectorUnavailableException">Features cannot be read now.</exception>
    public async Task<IReadOnlyList<StreamAppend>> OrganicAsync(string entityKey, IEnumerable<CompiledModel> models, OutcomeRecord outcome, DateTime time, DateTime now, double label)
    {
        var examples = new List<StreamAppend>();
        var before = time > DateTime.MinValue ? time.AddTicks(-1) : time;
        foreach (var model in models.Where(m => m is { Definition.Learner: not null, Target.OrganicLearn: true }))
        {
            // Which candidate it was about is not said: there is no vector to learn.
            if (model.Definition.Candidates is not null && outcome.Subject is null)
                continue;
            var entity = await ReadAsync(EntityId.FromGrainKey(entityKey), model.EntityNames, before);
            var candidate = model.Definition.Candidates is { } type ? await ReadAsync(new EntityId(type, outcome.Subject!), model.CandidateNames, before) : null;
            var vector = VectorBuilder.Build(model, [], [], entity, candidate, before);
            var record = new PredictionRecord
            {
                PredictionId = $"organic:{outcome.Id}",
                Model = model.Name,
                EntityKey = entityKey,
                Target = outcome.Target!,
                Subject = outcome.Subject ?? "",
                Time = time,
                Created = now,
                Vector = VectorCodec.Encode(vector.Columns),
                Response = ReadOnlyMemory<byte>.Empty,
                Lineage = model.Lineage,
            };
            examples.Add(new StreamAppend(OmlStreams.Examples, model.Name, StreamRecordCodec.Encode(ExampleCodec.ToOrganicRecord(record, label, outcome.Revision))));
        }

        return examples;
    }

    /// <summary>
    /// The vector of a prediction as it would be if it were made now, at the same time: with events that came late. Inputs stay as they
    /// were sent, and so does what is folded from truths, or a truth would see itself.
    /// </summary>
    /// <exception cref="VectorUnavailableException">Features cannot be read now.</exception>
    public async Task<PredictionRecord> AtLabelAsync(CompiledModel model, PredictionRecord prediction)
    {
        if (prediction.EntityKey.Length == 0)
            return prediction;
        var entity = await ReadAsync(EntityId.FromGrainKey(prediction.EntityKey), model.EntityNames, prediction.Time);
        var candidate = model.Definition.Candidates is { } type && prediction.Subject.Length > 0
            ? await ReadAsync(new EntityId(type, prediction.Subject), model.CandidateNames, prediction.Time)
            : null;
        var fresh = VectorBuilder.Build(model, [], [], entity, candidate, prediction.Time).Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var columns = VectorCodec.Decode(prediction.Vector)
            .Select(served => model.IsFoldedFromEvents(served.Name) && fresh.TryGetValue(served.Name, out var known) ? known : served);
        return prediction with { Vector = VectorCodec.Encode([.. columns]) };
    }

    private async Task<FeatureReading?> ReadAsync(EntityId entity, ImmutableArray<string> names, DateTime at)
    {
        if (names.IsEmpty)
            return null;
        OmlResult<FeatureReading> read;
        try
        {
            read = await grains.FeatureCache(entity).ReadAsync(new FeatureQuery(names, null) { At = at });
        }
        catch (Exception exception)
        {
            // Of whatever type: what is ours can come from another silo as another one, and nothing can be learned without the reading.
            throw new VectorUnavailableException($"The features of {entity} cannot be read now: {exception.Message}");
        }

        return read.TryGet(out var reading, out var error)
            ? reading
            : throw new VectorUnavailableException($"The features of {entity} cannot be read now: {error.Detail}");
    }
}
