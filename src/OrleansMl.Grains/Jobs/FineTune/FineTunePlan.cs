using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Jobs.FineTune;

/// <summary>What a job of kind <c>finetune</c> means, checked.</summary>
/// <param name="Parameters">As given.</param>
/// <param name="Version">The network.</param>
/// <param name="Network">Its file.</param>
/// <param name="Head">Its head.</param>
/// <param name="Input">Name of its input.</param>
/// <param name="Classes">0: a value is learned; else the classes that the new head has.</param>
/// <param name="Fresh">What is learned.</param>
/// <param name="Old">What it knew before; null: not given.</param>
/// <param name="Seed">Of everything random.</param>
internal sealed record FineTunePlan(FineTuneParams Parameters, VersionManifest Version, ReadOnlyMemory<byte> Network, NetworkHead Head, TensorInfo Input, int Classes, DatasetRecord Fresh, DatasetRecord? Old, long Seed)
{
    /// <summary>Numbers of a row.</summary>
    public long Width => Input.Shape.Skip(1).Aggregate(1L, static (product, size) => product * size);

    /// <exception cref="LearnerException">A parameter is not admitted, or there are too many classes.</exception>
    public void CheckLearner() => _ = HeadPlan.Start(Head.Start, Classes, Parameters.Learner, Seed);

    public HeadInputs InputsOf(ImmutableArray<string> columns) => new(columns, (int)Width, Parameters.Label, Parameters.Classes, Classes);

    /// <summary>As the process takes it.</summary>
    /// <param name="fresh">What is learned.</param>
    /// <param name="old">What it knew before; null: not given.</param>
    public HeadPlan ToWork(HeadRows fresh, HeadRows? old) => new()
    {
        ParentHash = Version.ArtifactSha256,
        Fresh = fresh,
        Old = old,
        Classes = Classes,
        ClassNames = Parameters.Classes,
        Parameters = Parameters.Learner,
        Epochs = Parameters.Epochs,
        BatchRows = Parameters.BatchRows,
        Holdout = Parameters.Holdout,
        HoldoutBy = Parameters.HoldoutBy,
        Seed = Seed,
    };
}
