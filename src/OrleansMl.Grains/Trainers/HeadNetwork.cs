using OrleansMl.Declaration;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <summary>The frozen network before a learner of type <c>head</c>: transformed rows to embeddings. For one thread at a time.</summary>
internal sealed class HeadNetwork : IDisposable
{
    private readonly TrunkModel _trunk;
    private readonly NetworkHead _head;
    private readonly float[] _input;
    private readonly float[] _output;
    private readonly double[] _embedding;

    private HeadNetwork(HeadBase source, NetworkHead head, TrunkModel trunk)
    {
        (Source, _head, _trunk) = (source, head, trunk);
        (_input, _output, _embedding) = (new float[trunk.InputWidth], new float[trunk.EmbeddingWidth], new double[trunk.EmbeddingWidth]);
    }

    public HeadBase Source { get; }

    /// <summary>The trunk as a file, for the versions.</summary>
    public ReadOnlyMemory<byte> Trunk => _trunk.Bytes;

    /// <summary>The last embedding.</summary>
    public FeatureSpan Last => new(_embedding, [], []);

    /// <exception cref="HeadException">It has no head that is learned, or no input that columns can fill.</exception>
    public static HeadNetwork Load(HeadBase source, ReadOnlyMemory<byte> bytes)
    {
        var head = HeadFinder.Find(bytes);
        var trunk = TrunkModel.Load(head);
        try
        {
            OnnxExporter.CheckTrunk(trunk.Bytes);
            return new HeadNetwork(source, head, trunk);
        }
        catch
        {
            trunk.Dispose();
            throw;
        }
    }

    /// <summary>The embedding of a transformed row; valid until the next one.</summary>
    /// <exception cref="LearnerException">The trunk answers what is no number, or fails.</exception>
    public FeatureSpan Embed(scoped in FeatureSpan x)
    {
        for (var i = 0; i < _input.Length; i++)
            _input[i] = (float)x.Dense[i];
        try
        {
            _trunk.Embed(1, _input, _output);
        }
        catch (InferenceRunException exception)
        {
            throw new LearnerException($"The network of version {Source.Version} of '{Source.Model}' fails on a row: {exception.Message}", exception);
        }

        for (var i = 0; i < _output.Length; i++)
            _embedding[i] = _output[i];
        return Last;
    }

    /// <summary>A learner that begins with the network's own head.</summary>
    /// <param name="pipeline">What feeds the network.</param>
    /// <param name="definition">Parameters and seed.</param>
    /// <param name="target">What is learned.</param>
    /// <exception cref="LearnerException">Pipeline, network and target do not fit each other.</exception>
    public IHeadLearner Begin(FittedPipeline pipeline, LearnerDefinition definition, TargetDefinition target)
    {
        var name = $"The network of version {Source.Version} of '{Source.Model}'";
        if (pipeline.HashedCount > 0)
            throw new LearnerException($"{name} takes numbers, and the pipeline hashes {pipeline.HashedCount} columns; leave hash and cross out.");
        if (pipeline.DenseCount != _trunk.InputWidth)
            throw new LearnerException($"{name} takes {_trunk.InputWidth} numbers a row ([{string.Join(',', _trunk.RowShape)}]), and the pipeline gives {pipeline.DenseCount}; give the model as many columns, in the network's order.");
        var start = _head.Start;
        if (target.Type == TargetType.Binary && start is { Rows: 1, Link: Link.Identity })
        {
            // A value that is cut off at 0 is no logit: the version's own graph has no Relu there.
            start = start with { Link = Link.Logistic, IsRectified = false };
        }

        var classes = target.ClassCount();
        return start.Classes == classes
            ? HeadLearners.Start(start, definition.Params, definition.Seed)
            : throw new LearnerException($"{name} answers {(start.Classes == 0 ? "a value" : $"{start.Classes} classes")}, and the target '{target.Name}' is {(classes == 0 ? "a value" : classes == 2 ? "of two classes" : FormattableString.Invariant($"of {classes} classes"))}; take a network of that target, or learn it by a job of kind finetune.");
    }

    public void Dispose() => _trunk.Dispose();
}
