using Microsoft.Extensions.Logging;

namespace OrleansMl.Trainers;

/// <remarks>
/// A learner that has bootstrapped while a version of a retraining serves: how good it is nobody knows, so it takes that one's place only
/// by the model's promotion.
/// </remarks>
internal sealed partial class TrainerGrain
{
    /// <summary>
    /// The champion is what a retraining made of the present features. Where answers come from the learner itself and nothing is declared to
    /// compare by, the learner takes over all the same.
    /// </summary>
    private bool IsRetrained(ModelInfo info, int? champion) =>
        info.Versions.FirstOrDefault(version => version.Manifest.Version == champion)?.Manifest.Lineage?.Features == state.State.Lineage
        && (!_model!.Definition.Learner!.Live || _model.Definition.Promotion is { Test: not "none" });

    private async Task<bool> BeginBesideAsync(OnlineTrainer trainer, int number, ModelInfo info)
    {
        var champion = info.Aliases[ServingPlan.Champion];
        await NameBootstrapAsync(number, info);
        trainer.BeginBeside(champion, number);
        state.State.CandidateVersion = number;
        LogBeside(logger, Model, number, champion);
        await StoreAsync();
        return true;
    }

    private async Task NameBootstrapAsync(int number, ModelInfo info)
    {
        if (!info.Aliases.ContainsKey(BootstrapAlias))
            await GrainFactory.GetGrain<IModelGrain>(Model).SetAliasAsync(new AliasChange(BootstrapAlias, number, null, "the version that the bootstrap made", By));
    }

    [LoggerMessage(LogLevel.Information, "The learner of {Model} has bootstrapped as version {Version}; a retraining made its champion, version {Champion}, with which it is compared from here on.")]
    private static partial void LogBeside(ILogger logger, string model, int version, int champion);
}
