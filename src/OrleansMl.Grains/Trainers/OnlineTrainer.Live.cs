using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <remarks>A live learner answers as it stands, so it is watched, becomes a version now and then, and can go back to the last one.</remarks>
internal sealed partial class OnlineTrainer
{
    private ILearner? _base;
    private LearnerGuard? _guard;
    private string? _harm;

    /// <summary>The learner as it stands; another object where it was put back or restored.</summary>
    public ILearner? Learner => _learner;

    /// <summary>The pipeline that the learner's rows pass.</summary>
    public FittedPipeline? Pipeline => _pipeline;

    /// <summary>The row that was learned last.</summary>
    public FeatureSpan Learned => _transformed!.Features;

    /// <summary>Answers come from the learner itself.</summary>
    public bool IsLive => _model.Definition.Learner!.Live;

    /// <summary>The last version that was cut from the learner and became champion; null: none.</summary>
    public int? BaseVersion { get; private set; }

    /// <summary>There is a state to go back to.</summary>
    public bool HasBase => _base is not null;

    /// <summary>Updates since the last version, of a live learner.</summary>
    public long SinceVersion { get; private set; }

    /// <summary>Why the learner has to go back to its base; null: it has not.</summary>
    public string? Harm => _harm ?? (_guard is { IsWorse: true } guard
        ? FormattableString.Invariant($"over {guard.Count} outcomes its {ChampionComparison.MetricOf(_model)} was {-guard.Mean:G3} higher than that of the version")
        : null);

    /// <summary>
    /// The example by itself is none that spoils a learner: the base answers it, and finds nothing infinite in it. False also
    /// where there is no base to tell.
    /// </summary>
    public bool IsSound(LabeledExample example)
    {
        if (_base is null || !double.IsFinite(example.Label) || (_classes > 0 && !IsClass(example.Label)))
            return false;
        var trial = LearnerFactory.Restore(_base.Save());
        try
        {
            var x = _transformed!.Fill(ToRow(example));
            var predicted = Probe(trial, x);
            trial.LearnOne(x, example.Label);
            return double.IsFinite(predicted) && double.IsFinite(Learning.Losses.SquaredError(predicted, example.Label)) && double.IsFinite(Probe(trial, x));
        }
        catch (Exception exception) when (exception is LearnerException or PipelineException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The learner goes on from where its base was cut.</summary>
    public void PutBack()
    {
        _learner = LearnerFactory.Restore(_base!.Save(), _model.Definition.Learner!.Params);
        (_guard, _harm, _comparison, SinceVersion) = (new LearnerGuard(), null, null, 0);
    }

    /// <summary>A snapshot was not made champion: the next one is due after as many updates again.</summary>
    public void PassSnapshot() => SinceVersion = 0;

    private TrainerStep NextOfLive()
    {
        if (!IsLive)
            return TrainerStep.None;
        if (_base is not null && Harm is not null)
            return TrainerStep.PutBack;
        return _model.Definition.Learner!.SnapshotEvery is var every and > 0 && SinceVersion >= every ? TrainerStep.Snapshot : TrainerStep.None;
    }

    /// <summary>Compares a live learner with its base on a row that it has not learned yet.</summary>
    private void GuardLive(in FeatureSpan x, double predicted, double label)
    {
        if (!IsLive || _base is null)
            return;
        var metric = ChampionComparison.MetricOf(_model);
        AddGain(ChampionComparison.Loss(metric, _base.PredictOne(x), label) - ChampionComparison.Loss(metric, predicted, label));
    }

    private void AddGain(double gain)
    {
        if (double.IsFinite(gain))
            (_guard ??= new LearnerGuard()).Add(gain);
    }

    private bool IsClass(double label) => label >= 0 && label < _classes && label == Math.Floor(label);

    /// <summary>Looks at a live learner after an update: what is broken must not answer until the next outcome comes.</summary>
    private void CheckLive(in FeatureSpan x)
    {
        if (!IsLive)
            return;
        SinceVersion++;
        if (Probe(_learner!, x) is var after && !double.IsFinite(after))
            _harm = FormattableString.Invariant($"after an update it answered {after}; lower its learningRate, or clip the columns");
    }

    private void BeginBase(int version)
    {
        (BaseVersion, SinceVersion) = (version, 0);
        _base = IsLive ? _champion : null;
        _guard = IsLive ? new LearnerGuard() : null;
    }

    private void RestoreLive(TrainerState state)
    {
        // States from before there was a base: the champion's weights are known only of versions that were cut from the learner.
        BaseVersion = state.BaseVersion ?? (_champion is null ? null : ChampionVersion);
        SinceVersion = state.SinceVersion;
        if (!IsLive)
            return;
        _base = state.Base is { } known ? LearnerFactory.Restore(known) : BaseVersion == ChampionVersion ? _champion : null;
        _guard = state.Guard is { } guard ? LearnerGuard.Restore(guard) : null;
    }

    private void SaveLive(TrainerState state)
    {
        state.BaseVersion = BaseVersion;
        state.SinceVersion = SinceVersion;
        state.Base = _base is null || ReferenceEquals(_base, _champion) ? null : _base.Save();
        state.Guard = _guard?.Save();
    }
}
