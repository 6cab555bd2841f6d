using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.FineTune;

/// <summary>What a job of kind <c>finetune</c> means, checked.</summary>
/// <param name="Parameters">As given.</param>
/// <param name="Version">The network.</param>
/// <param name="Head">Its head.</param>
/// <param name="Input">Name of its input.</param>
/// <param name="Classes">0: a value is learned; else the classes that the new head has.</param>
/// <param name="Fresh">What is learned.</param>
/// <param name="Old">What it knew before; null: not given.</param>
internal sealed record FineTunePlan(FineTuneParams Parameters, VersionManifest Version, NetworkHead Head, TensorInfo Input, int Classes, DatasetRecord Fresh, DatasetRecord? Old)
{
    /// <summary>Numbers of a row.</summary>
    public long Width => Input.Shape.Skip(1).Aggregate(1L, static (product, size) => product * size);

    /// <summary>The learner before it has seen anything: the network's own head, with rows for the classes that come.</summary>
    /// <exception cref="LearnerException">A parameter is not admitted, or there are too many classes.</exception>
    public IHeadLearner Start(long seed)
    {
        var learner = HeadLearners.Start(Head.Start, Parameters.Learner, seed);
        return Classes > learner.Classes ? learner.WithClasses(Classes) : learner;
    }

    public HeadInputs InputsOf(ImmutableArray<string> columns) => new(columns, (int)Width, Parameters.Label, Parameters.Classes, Classes);
}
