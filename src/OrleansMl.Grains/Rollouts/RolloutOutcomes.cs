using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Streams;
using OrleansMl.Trainers;

namespace OrleansMl.Rollouts;

/// <summary>
/// Truths about answers of a rollout's versions, in a stream of their own: durable with the label, in one order, and there for
/// models without a learner too.
/// </summary>
internal sealed class RolloutOutcomes(IStreamLog streams)
{
    /// <summary>The record that goes with a label; null: nothing is rolled out, or another version had answered.</summary>
    public static StreamAppend? TryRecord(ServingPlan plan, PredictionRecord prediction, double label, int revision)
    {
        // A label that only confirms or corrects an earlier one was counted by that.
        if (plan.Rollout is not { } mark || prediction.Label is not null || prediction.Score is null || (prediction.Version != mark.Champion && prediction.Version != mark.Candidate))
            return null;
        var record = ExampleCodec.ToRecord(prediction, label, revision, isCorrection: false);

        // When it was answered, on the clock of the stages; the example has its event time.
        return new StreamAppend(OmlStreams.Rollouts, plan.Model, StreamRecordCodec.Encode(record with { Time = prediction.Created }));
    }

    /// <summary>The sequence after which a rollout that begins now reads.</summary>
    public async ValueTask<long> EndAsync(string model) => (await streams.GetStreamAsync(OmlStreams.Rollouts, model)).LastSequence;

    /// <summary>What came after a sequence, ascending; what cannot be read is passed over.</summary>
    public async ValueTask<List<RolloutOutcome>> ReadAsync(string model, long after, int limit)
    {
        var outcomes = new List<RolloutOutcome>();
        foreach (var item in await streams.ReadStreamAsync(OmlStreams.Rollouts, model, after, limit))
        {
            try
            {
                var record = StreamRecordCodec.Decode(item.Record, item.Sequence);
                outcomes.Add(new RolloutOutcome(item.Sequence, record.Time ?? DateTime.MinValue, ExampleCodec.Decode(item.Sequence, record.Data)));
            }
            catch (InvalidDataException)
            {
                outcomes.Add(new RolloutOutcome(item.Sequence, DateTime.MinValue, null));
            }
        }

        return outcomes;
    }
}

/// <summary>A labelled answer.</summary>
/// <param name="Sequence">In the model's stream.</param>
/// <param name="Answered">When the answer was given, on the wall clock.</param>
/// <param name="Example">Vector, score, version, label; null: it could not be read.</param>
internal readonly record struct RolloutOutcome(long Sequence, DateTime Answered, LabeledExample? Example);
