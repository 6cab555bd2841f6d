using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Declaration;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>Finds out what a job of retraining means, and whether it can be done.</summary>
internal sealed class RetrainPlanner(CatalogCache catalog, IDatasetStore datasets)
{
    public async Task<OmlResult<RetrainPlan>> PlanAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Model is not { } name)
            return JobValues.Wrong("model", "missing_member", "A retraining needs 'model': give the name of a declared model.");
        if (spec.Version is not null || spec.Alias is not null)
            return JobValues.Wrong("version", "invalid", "version and alias are for other kinds of jobs: a retraining makes a version; leave them out.");
        await catalog.Loaded.WaitAsync(cancellationToken);
        var current = catalog.Current;
        if (!current.Models.TryGetValue(name, out var model))
            return current.UnknownModel(name);
        if (model.Target is not { } target)
            return JobValues.Wrong("model", "no_target", $"Model '{name}' declares no target, so there is nothing to learn.");
        if (!RetrainParams.Read(spec.Params, DefaultsOf(model.Definition)).TryGet(out var parameters, out var error)
            || !RetrainWindow.Read(spec.Window).TryGet(out var window, out error)
            || !TrainerOf(spec, model).TryGet(out var trainer, out error))
        {
            return error;
        }

        if (trainer.WhyNot(target.ClassCount()) is { } unfit)
            return unfit;
        if (model.Definition.Encoded.WhyNot(trainer.Type, trainer.Parameters) is { } why)
            return new OmlError("unfit_pipeline", 422, $"Model '{name}': {why}") { Faults = [new OmlFault("unfit_pipeline", why) { Pointer = "/trainer/type" }] };
        var revision = current.Snapshot.Applications.First(a => a.Name == model.Application).Revision;
        if (spec.Window is null && model.Definition.Retrain?.Window is { } last)
            window = new RetrainWindow(null, null, last);
        var seed = spec.Seed ?? model.Definition.Trainer?.Seed ?? model.Definition.Learner?.Seed ?? 1;
        var plan = new RetrainPlan(model, parameters, trainer, seed, window, null, revision);
        if (spec.Dataset is not { } id)
        {
            return parameters.Label is null && parameters.Weight is null
                ? plan
                : JobValues.Wrong("params", "conflict", "label and weight are columns of a data set, and there is none; leave them out, or name a dataset.");
        }

        if (spec.Window is not null)
            return JobValues.Wrong("window", "conflict", "dataset excludes window, which is about the log; leave one of them out.");
        if (await datasets.FindAsync(id, cancellationToken) is not { } dataset)
            return DatasetService.Unknown(id);
        if (DatasetRows.WhyNot(model, plan.Label, dataset) is { } unusable)
            return unusable;
        return parameters.Weight is { } weight && dataset.Columns.All(column => column.Name != weight)
            ? JobValues.Wrong("params/weight", "unknown_column", $"Data set '{id}' has no column '{weight}' with weights (it has {string.Join(", ", dataset.Columns.Select(c => c.Name))}).")
            : plan with { Dataset = dataset };
    }

    /// <summary>What the model declares, for what the job does not say.</summary>
    private static RetrainParams DefaultsOf(ModelDefinition model)
    {
        var defaults = new RetrainParams { Threads = model.Trainer?.Threads ?? 1 };
        return model.Retrain is not { } retrain ? defaults : defaults with
        {
            Split = new SplitPlan(retrain.RandomSplit ? SplitPlan.Random : SplitPlan.Time, retrain.TestShare, retrain.ValidationShare, retrain.SplitGap),
            MinRows = retrain.MinRows,
            Promotes = retrain.Promotes,
        };
    }

    /// <summary>As the job says, then the declared trainer, then the declared learner, as often over the rows as over those of its bootstrap.</summary>
    private static OmlResult<RetrainTrainer> TrainerOf(JobSpec spec, CompiledModel model)
    {
        if (spec.Trainer is { } json)
            return RetrainTrainer.Read(json).TryGet(out var named, out var error) ? named.With(model.Definition.Trainer) : error;
        if (model.Definition.Trainer is { } trainer)
            return new RetrainTrainer(trainer.Type, trainer.Params).With(trainer);
        return model.Definition.Learner is { } learner
            ? new RetrainTrainer(learner.Type, learner.Params.SetItem("epochs", (double)learner.BootstrapEpochs))
            : JobValues.Wrong("trainer", "missing_member", $"Model '{model.Name}' declares neither trainer nor learner, so the retraining needs 'trainer': give {{\"type\": …}}, one of {string.Join(", ", Learning.TrainerFactory.Types)}.");
    }
}
