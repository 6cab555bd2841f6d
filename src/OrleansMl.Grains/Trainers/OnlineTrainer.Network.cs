using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <content>A frozen network between pipeline and learner.</content>
internal sealed partial class OnlineTrainer
{
    /// <summary>The network whose head is learned; null: none is, or it could not be had.</summary>
    public HeadNetwork? Network { get; private set; }

    public void Use(HeadNetwork network) => Network = network;

    /// <summary>What the learner sees of a row.</summary>
    /// <exception cref="LearnerException">The declared network could not be had.</exception>
    private FeatureSpan Encode(TransformedRow room, in Row row)
    {
        var x = room.Fill(row);
        return Network is not null ? Network.Embed(x)
            : _model.Definition.Learner!.Of is { } model ? throw new LearnerException($"The network of '{model}' that this learner began with cannot be read; reset the learner to begin with what is registered now.")
            : x;
    }

    private ILearner Begin(FittedPipeline pipeline)
    {
        var definition = _model.Definition.Learner!;
        if (Network is not null)
            return Network.Begin(pipeline, definition, _model.Target!);
        var shape = new LearnerShape(pipeline.DenseCount, pipeline.HashBits, pipeline.HashedCount, _classes);
        return LearnerFactory.Create(definition.Type, definition.Params, shape, definition.Seed);
    }
}
