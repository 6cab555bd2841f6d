using Microsoft.Extensions.Logging;
using OrleansMl.Learning;
using OrleansMl.Live;

namespace OrleansMl.Trainers;

/// <remarks>
/// A live learner: silos keep copies of it and follow by long poll. Updates go into a bounded feed and nothing here waits for
/// a follower. What followers read is read between two updates, since an update is never divided by an await.
/// </remarks>
internal sealed partial class TrainerGrain
{
    private readonly ChangeSignal _liveChanged = new(lifetime);
    private LiveFeed? _feed;

    /// <summary>The version on its way to be champion.</summary>
    private int? _coming;

    /// <summary>Revision of the plan in which the base became champion; 0: not known since this activation.</summary>
    private long _basePlan;

    public async Task<LiveUpdates> WaitForLiveAsync(LiveQuery asked, CancellationToken cancellationToken)
    {
        _feed?.Trim();
        if (LiveNews(asked) is { } news)
            return news;
        await _liveChanged.WaitAsync(cancellationToken);
        return LiveNews(asked) ?? new LiveUpdates { Position = asked.Position, Base = asked.Base, Latest = asked.Position.Revision };
    }

    public Task<LiveStatePart> ReadLiveStateAsync(LivePosition position, long offset) =>
        Task.FromResult(new LiveStatePart(Feed() is { } feed && feed.Epoch == position.Epoch ? feed.Part(position.Revision, offset) : default));

    /// <summary>What a follower lacks; null: nothing.</summary>
    private LiveUpdates? LiveNews(LiveQuery asked)
    {
        // An activation that has not looked at its model yet knows nothing: that is no news that there is no learner any more.
        if (_trainer is null)
            return null;
        if (Feed() is not { } feed || state.State.Failure is not null || _trainer.BaseVersion is not { } version)
            return asked == new LiveQuery(default, null) ? null : new LiveUpdates();
        var @base = new LiveBase(version, _coming, _basePlan);
        var at = asked.Position;
        if (at.Epoch == feed.Epoch && feed.Covers(at.Revision))
            return at.Revision == feed.Revision && asked.Base == @base ? null : At(feed.After(at.Revision), @base);

        // After a crash the trainer learns again what followers have already: they wait where they are until it comes there.
        if (at.Epoch != feed.Epoch && (at.Lineage, at.Generation) == (state.State.Lineage, state.State.Generation) && at.Revision > feed.Revision)
            return asked.Base == @base ? null : new LiveUpdates { Position = at, Base = @base, Latest = feed.Revision };
        return At(feed.Whole(), @base);
    }

    private LiveUpdates At(LiveUpdates updates, LiveBase @base) => updates with
    {
        Base = @base,
        Position = updates.Position with { Lineage = state.State.Lineage, Generation = state.State.Generation },
    };

    /// <summary>The feed of the learner as it is now; null: there is nothing to follow.</summary>
    private LiveFeed? Feed()
    {
        if (_trainer is not { Learner: { } learner, Pipeline: { } pipeline, IsLive: true })
            return _feed = null;
        return ReferenceEquals(_feed?.Learner, learner) ? _feed : _feed = new LiveFeed(learner, pipeline, state.State.Revision);
    }

    /// <summary>Before the revision is counted.</summary>
    private void FeedLive(OnlineTrainer trainer, LabeledExample example)
    {
        if (trainer.IsLearning)
            Feed()?.Add(trainer.Learned, example.Label, 1);
    }

    private void PublishLive()
    {
        if (_trainer is { IsLive: true })
            _liveChanged.Raise();
    }

    /// <summary>Followers know of a version before plans name it, so that no answer falls between the two.</summary>
    private void Announce(int version)
    {
        _coming = version;
        PublishLive();
    }

    private void PublishStored()
    {
        _coming = null;
        if (Feed() is { } feed && state.State.Learner is { } saved)
            feed.Check(saved);
        _liveChanged.Raise();
    }

    /// <summary>
    /// What a live learner does about an example that it cannot take: it passes over a row that is at fault, and goes back to its
    /// base when it is at fault itself. Null: there is no base to go back to.
    /// </summary>
    private async Task<bool?> MendAsync(OnlineTrainer trainer, LabeledExample example, Exception exception)
    {
        if (trainer is not { IsLive: true, HasBase: true })
            return null;
        if (trainer.IsSound(example))
        {
            await PutBackAsync(trainer, exception.Message);
            try
            {
                trainer.Learn(example);
                FeedLive(trainer, example);
                state.State.Examples++;
                state.State.Revision++;
                return true;
            }
            catch (Exception again) when (again is LearnerException or PipelineException or ArgumentOutOfRangeException)
            {
                exception = again;
            }
        }

        // It may have got room for features that it then did not learn: copies begin anew.
        if (exception is LearnerException)
            _feed = null;
        instruments.Refused(Model);
        LogRefused(logger, Model, example.PredictionId, exception.Message);
        return true;
    }

    /// <summary>Puts a live learner back to its base, and stores that.</summary>
    private async Task PutBackAsync(OnlineTrainer trainer, string? unusable = null)
    {
        var why = unusable ?? trainer.Harm!;
        var revision = state.State.Revision;
        trainer.PutBack();
        state.State.Revision++;
        state.State.Generation++;
        state.State.Alarm = $"At revision {revision} the learner was put back to version {trainer.BaseVersion}: {why}.";
        instruments.PutBack(Model, unusable is null ? "worse" : "unusable");
        LogPutBack(logger, Model, revision, trainer.BaseVersion!.Value, why);
        await StoreAsync();
    }

    /// <summary>Registers a live learner as it stands and makes that champion, unless people have decided otherwise.</summary>
    private async Task<bool> PromoteSnapshotAsync(OnlineTrainer trainer)
    {
        var registered = await RegisterAsync(trainer);
        if (!registered.TryGet(out var version, out var error))
        {
            LogNotRegistered(logger, Model, error.Detail);
            trainer.PassSnapshot();
            return true;
        }

        var number = version.Manifest.Version;
        var grain = GrainFactory.GetGrain<IModelGrain>(Model);
        var info = (await grain.GetAsync()).Value;
        int? champion = info.Aliases.TryGetValue(ServingPlan.Champion, out var current) ? current : null;
        var isTheirs = champion != trainer.BaseVersion || info.Traffic is { Split.IsEmpty: false };
        if (isTheirs && champion != number)
        {
            LogSnapshotKept(logger, Model, number, champion ?? 0);
            state.State.CandidateVersion = number;
            trainer.PassSnapshot();
            await StoreAsync();
            return true;
        }

        // A crash after this promotion and before the write below comes here again, and finds it done.
        if (champion != number)
        {
            Announce(number);
            var every = _model!.Definition.Learner!.SnapshotEvery;
            var promoted = await grain.PromoteAsync(new PromotionRequest(number, champion, Force: false, $"the live learner after {every} more updates", By, trainer.Evidence()) { IsSnapshot = true });
            if (!promoted.IsSuccess)
            {
                LogNotPromoted(logger, Model, number, promoted.Error!.Detail);
                trainer.PassSnapshot();
                return true;
            }

            _basePlan = promoted.Value.PlanRevision;
        }

        LogSnapshot(logger, Model, number, state.State.Revision);
        trainer.MarkChampion(number);
        (state.State.CandidateVersion, state.State.Alarm) = (null, null);
        await StoreAsync();
        return true;
    }

    [LoggerMessage(LogLevel.Information, "The live learner of {Model} became version {Version} at revision {Revision}.")]
    private static partial void LogSnapshot(ILogger logger, string model, int version, long revision);

    [LoggerMessage(LogLevel.Information, "The live learner of {Model} became version {Version}, which is not made champion: version {Champion} was put there by hand, or shares the traffic.")]
    private static partial void LogSnapshotKept(ILogger logger, string model, int version, int champion);

    [LoggerMessage(LogLevel.Warning, "The live learner of {Model} could not be registered; it is tried again after as many updates: {Reason}")]
    private static partial void LogNotRegistered(ILogger logger, string model, string reason);

    [LoggerMessage(LogLevel.Error, "At revision {Revision} the live learner of {Model} was put back to version {Version}: {Reason}")]
    private static partial void LogPutBack(ILogger logger, string model, long revision, int version, string reason);

    [LoggerMessage(LogLevel.Warning, "The live learner of {Model} cannot take the example of prediction {Prediction} and passes over it: {Reason}")]
    private static partial void LogRefused(ILogger logger, string model, string prediction, string reason);
}
