using System.Globalization;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <content>The network whose head is learned: chosen once, when the bootstrap ends; kept for the life of the learner.</content>
internal sealed partial class TrainerGrain
{
    private HeadNetwork? _network;

    /// <summary>Chooses the version that the declaration means now.</summary>
    /// <exception cref="LearnerException">There is none, or it has no head that is learned.</exception>
    private async Task ChooseNetworkAsync(OnlineTrainer trainer)
    {
        if (_model!.Definition.Learner!.Of is not { } name)
            return;
        var info = (await GrainFactory.GetGrain<IModelGrain>(name).GetAsync()).Value;
        var wanted = _model.Definition.Learner.OfVersion;
        var number = wanted is null ? info.Aliases.TryGetValue(ServingPlan.Champion, out var champion) ? champion : info.Versions.LastOrDefault()?.Manifest.Version
            : int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given
            : info.Aliases.TryGetValue(wanted, out var named) ? named : null;
        if (info.Versions.FirstOrDefault(version => version.Manifest.Version == number)?.Manifest is not { Ensemble: null } manifest)
            throw new LearnerException($"Model '{name}' has no {(wanted is null ? "version" : $"version or alias '{wanted}'")} with a network (versions: {(info.Versions.IsEmpty ? "none" : string.Join(", ", info.Versions.Select(v => v.Manifest.Version)))}); register it, and reset the learner.");
        var source = new HeadBase(name, manifest.Version, manifest.ArtifactSha256);
        await EquipAsync(trainer, source);
        if (trainer.Network is null)
            throw new LearnerException($"The file of version {source.Version} of '{name}' cannot be read, or has no head that can be learned; the log says why.");
        state.State.Network = source;
    }

    /// <summary>Gives a trainer its network; where that cannot be had, the next example says so.</summary>
    private async Task EquipAsync(OnlineTrainer trainer, HeadBase? source)
    {
        if (source is null)
            return;
        try
        {
            if (_network?.Source != source)
            {
                var bytes = await artifacts.GetAsync(source.Sha256);
                var loaded = await Task.Run(() => HeadNetwork.Load(source, bytes));
                _network?.Dispose();
                _network = loaded;
            }

            trainer.Use(_network);
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException or HeadException)
        {
            LogNoNetwork(logger, Model, source.Version, source.Model, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Error, "The learner of {Model} cannot have the network of version {Version} of {Network}: {Reason}")]
    private static partial void LogNoNetwork(ILogger logger, string model, int version, string network, string reason);
}
