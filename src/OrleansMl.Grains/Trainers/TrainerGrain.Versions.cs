using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Models;

namespace OrleansMl.Trainers;

/// <content>What is due after an example: the bootstrap, a promotion, a version of the learner as it stands.</content>
internal sealed partial class TrainerGrain
{
    /// <summary>Names version 1, so that what it would have answered can always be compared.</summary>
    private const string BootstrapAlias = "bootstrap";

    /// <summary>Does what is due after an example; false when learning has to stop.</summary>
    private async Task<bool> TakeStepAsync(OnlineTrainer trainer, TrainerStep step)
    {
        switch (step)
        {
            case TrainerStep.Bootstrap:
                try
                {
                    await ChooseNetworkAsync(trainer);

                    // Off the turn's thread: a fit of many rows is work for the processor, not for the grain.
                    await Task.Run(trainer.Bootstrap);
                }
                catch (Exception exception) when (exception is LearnerException or PipelineException or ArgumentOutOfRangeException)
                {
                    return await FailAsync(exception);
                }

                foreach (var warning in trainer.Warnings)
                    LogPipelineWarning(logger, Model, warning);
                return await PromoteAsync(trainer, "bootstrap", null);
            case TrainerStep.Promote when _model!.Definition.Promotion?.Rollout is not null:
                return await RollOutAsync(trainer);
            case TrainerStep.Promote:
                return await PromoteAsync(trainer, "the learner's loss is lower than the champion's", trainer.Evidence());
            case TrainerStep.Snapshot:
                return await PromoteSnapshotAsync(trainer);
            case TrainerStep.PutBack:
                await PutBackAsync(trainer);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Registers the learner as it stands, proves that it loads, makes it champion, stores.</summary>
    private async Task<bool> PromoteAsync(OnlineTrainer trainer, string reason, PromotionEvidence? evidence)
    {
        var registered = await RegisterAsync(trainer);
        if (!registered.TryGet(out var version, out var error))
            return IsReplaced(error) ? GiveWay() : await FailAsync(new LearnerException(error.Detail));
        var number = version.Manifest.Version;
        var grain = GrainFactory.GetGrain<IModelGrain>(Model);
        var info = (await grain.GetAsync()).Value;
        int? champion = info.Aliases.TryGetValue(ServingPlan.Champion, out var current) ? current : null;
        if (evidence is null && champion != number && IsRetrained(info, champion))
            return await BeginBesideAsync(trainer, number, info);
        Announce(number);

        // Someone put another champion there by hand: the comparison was not with that one, so it decides nothing.
        if (evidence is not null && champion != trainer.ChampionVersion && champion != number)
        {
            LogForeignChampion(logger, Model, champion ?? 0);
            trainer.FollowChampion(champion);
            return true;
        }

        // A crash after this promotion and before the write below comes here again, and finds it done.
        if (champion != number)
        {
            var promoted = await grain.PromoteAsync(new PromotionRequest(number, champion, Force: evidence is null && champion is not null, reason, By, evidence) { Epoch = _epoch });
            if (!promoted.IsSuccess)
            {
                if (IsReplaced(promoted.Error!))
                    return GiveWay();
                LogNotPromoted(logger, Model, number, promoted.Error!.Detail);
                return true;
            }

            _basePlan = promoted.Value.PlanRevision;
        }

        if (evidence is null)
            await NameBootstrapAsync(number, info);
        LogPromoted(logger, Model, number, evidence?.N ?? 0, evidence?.Estimate ?? 0);
        trainer.MarkChampion(number);
        (state.State.CandidateVersion, state.State.Alarm) = (null, null);
        await StoreAsync();
        return true;
    }

    private async Task<OmlResult<ModelVersionInfo>> RegisterAsync(OnlineTrainer trainer)
    {
        var (pipeline, model) = trainer.Snapshot();
        var classes = _model!.Target!.ClassNames();

        // Off the turn's thread: export is work for the processor, not for the grain.
        var export = await Task.Run(() => OnnxExporter.Export(pipeline, model, new ExportOptions { ModelName = Model, ClassLabels = classes, Trunk = trainer.Network?.Trunk }));
        var steps = LearnedVersion.Calibrate(_model, trainer.Pairs);
        if (steps.WhyNot is not null)
            LogNotCalibrated(logger, Model, steps.WhyNot);
        var made = await LearnedVersion.MakeAsync(_model, export.Full, export.Core, pipeline.ToJson(), steps, artifacts);
        if (!made.TryGet(out var manifest, out var error))
            return error;
        var tags = state.State.Recomputed > 0
            ? manifest.Tags.Add("recomputed", state.State.Recomputed.ToString(CultureInfo.InvariantCulture))
            : manifest.Tags;
        if (trainer.Network?.Source is { } network)
            tags = tags.Add("head.of", network.Model).Add("head.version", network.Version.ToString(CultureInfo.InvariantCulture)).Add("head.artifact", network.Sha256);
        manifest = manifest with
        {
            Parent = trainer.ChampionVersion,
            Tags = tags
                .Add(ModelGrain.LearnerTag, _model.Definition.Learner!.Type)
                .Add("examples", state.State.Examples.ToString(CultureInfo.InvariantCulture))
                .Add("lineage", state.State.Lineage.ToString(CultureInfo.InvariantCulture))
                .Add("portable", pipeline.Portable ? "true" : "false"),
        };
        var registered = await RegisterAsync(manifest);
        if (!registered.TryGet(out var result, out error))
            return error;
        var loaded = await GrainFactory.GetGrain<IModelVersionGrain>(new ModelVersionId(Model, result.Version.Manifest.Version).ToGrainKey()).LoadAsync(result.Version.Manifest);
        return loaded.IsSuccess ? result.Version : loaded.Error!;
    }

    [LoggerMessage(LogLevel.Information, "The learner of {Model} made version {Version} champion (n={N}, mean gain {Gain:G4}).")]
    private static partial void LogPromoted(ILogger logger, string model, int version, long n, double gain);

    [LoggerMessage(LogLevel.Warning, "Version {Version} of {Model} was not promoted: {Reason}")]
    private static partial void LogNotPromoted(ILogger logger, string model, int version, string reason);

    [LoggerMessage(LogLevel.Warning, "Version {Version} was made champion of {Model} by hand; the learner is compared with it from now on.")]
    private static partial void LogForeignChampion(ILogger logger, string model, int version);

    [LoggerMessage(LogLevel.Warning, "Pipeline of {Model}: {Warning}")]
    private static partial void LogPipelineWarning(ILogger logger, string model, string warning);

    [LoggerMessage(LogLevel.Warning, "The new version of {Model} is not calibrated: {Reason}")]
    private static partial void LogNotCalibrated(ILogger logger, string model, string reason);
}
