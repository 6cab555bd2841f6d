using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Retraining;

/// <summary>A retraining, checked: what the job says, and for the rest what the model declares.</summary>
/// <param name="Model">As declared now; it has a target.</param>
/// <param name="Parameters">All of them.</param>
/// <param name="Trainer">Which learns the model's target.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Window">Of the log; with a data set not used.</param>
/// <param name="Dataset">In place of the log; null: the log is read.</param>
/// <param name="Revision">Of the application that declares the model.</param>
internal sealed record RetrainPlan(CompiledModel Model, RetrainParams Parameters, RetrainTrainer Trainer, long Seed, RetrainWindow Window, DatasetRecord? Dataset, long Revision)
{
    public TargetDefinition Target => Model.Target!;

    /// <summary>0: a value.</summary>
    public int Classes => Target.ClassCount();

    /// <summary>Limits of the validation of data; null: it is off.</summary>
    public ValidateDefinition? Validate => Model.Definition.Retrain is { } retrain ? retrain.Validate : new ValidateDefinition();

    /// <summary>Column of the data set with the truth.</summary>
    public string Label => Parameters.Label ?? Target.Name;
}
