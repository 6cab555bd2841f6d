using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <summary>
/// What a trainer knows, without storage or grains: bootstrap rows, pipeline, learner, prequential figures and the
/// running comparison with the champion. Examples go in one by one; <see cref="Next"/> says what is due.
/// </summary>
/// <remarks>
/// Every example is predicted before it is learned (Dawid 1984; Gama, Sebastião and Rodrigues 2013), by learner and
/// champion on the same vector, so that the comparison is paired.
/// </remarks>
internal sealed partial class OnlineTrainer
{
    public const string LearnerName = "learner";
    public const string ServedName = "served";
    public const string NoChangeName = "noChange";
    public const string PriorName = "prior";

    private readonly CompiledModel _model;
    private readonly int _classes;
    private readonly Dictionary<string, PrequentialEvaluation> _evaluations = [];
    private FittedPipeline? _pipeline;
    private TransformedRow? _transformed;
    private ILearner? _learner;
    private ILearner? _champion;
    private ChampionComparison? _comparison;
    private CalibrationPairs? _pairs;
    private NoChangeBaseline _noChange = new();
    private PriorBaseline _prior;

    public OnlineTrainer(CompiledModel model, TrainerState? state)
    {
        _model = model;
        _classes = model.Target!.ClassCount();
        _answer = new double[model.AnswerWidth];
        _prior = new PriorBaseline(binary: _classes > 0);
        _classPrior = _classes > 2 ? new ClassPriorBaseline(_classes) : null;
        _pairs = model.Definition.Postprocess.Any(step => step.Calibrate is not null) ? new CalibrationPairs() : null;
        if (state is not { Pipeline: { } pipeline, Learner: { } learner })
            return;
        _pipeline = FittedPipeline.FromJson(pipeline);
        _transformed = new TransformedRow(_pipeline);
        _learner = LearnerFactory.Restore(learner, model.Definition.Learner!.Params);
        _champion = state.Champion is { } champion ? LearnerFactory.Restore(champion) : null;
        _comparison = state.Comparison is { } comparison ? new ChampionComparison(model, comparison) : null;
        RestoreCandidate(state);
        _noChange = state.NoChange is { } noChange ? NoChangeBaseline.Restore(noChange) : _noChange;
        if (state.Prior is { } prior)
            (_prior, _classPrior) = _classPrior is null ? (PriorBaseline.Restore(prior), null) : (_prior, ClassPriorBaseline.Restore(prior));
        _pairs = _pairs is not null && state.CalibrationPairs is { } pairs ? CalibrationPairs.Restore(pairs) : _pairs;
        Cooldown = state.Cooldown;
        ChampionVersion = state.ChampionVersion;
        AwaitsFirstVersion = state.AwaitsFirstVersion;
        RestoreLive(state);
        foreach (var (name, bytes) in state.Evaluations)
            _evaluations[name] = PrequentialEvaluation.Restore(bytes);
    }

    /// <summary>The learner stands: bootstrap is over.</summary>
    public bool IsLearning => _learner is not null;

    /// <summary>Version that the learner is compared with; null: none.</summary>
    public int? ChampionVersion { get; private set; }

    /// <summary>Outcomes to pass before the next promotion.</summary>
    public int Cooldown { get; private set; }

    /// <summary>Mean of the labels; null before the first, and of more than two classes.</summary>
    public double? Prior => _classPrior is null && _prior.Count > 0 ? _prior.Predict() : null;

    /// <summary>What the fitted pipeline warns of.</summary>
    public ImmutableArray<string> Warnings => _pipeline?.Warnings ?? [];

    /// <summary>Takes one example: collects it for the bootstrap, or predicts it and learns it.</summary>
    /// <exception cref="LearnerException">The learner has become unusable (an answer that is not a number).</exception>
    public void Learn(LabeledExample example)
    {
        var row = ToRow(example);
        if (_learner is null)
        {
            Collect(example, row);
            if (!example.Organic)
                LearnBaselines(example);
            return;
        }

        var x = Encode(_transformed!, row);
        if (_classes > 2)
            JudgeClasses(example, x);
        else
            Judge(example, x);
        _learner.LearnOne(x, example.Label);
        CheckLive(x);
        if (!example.Organic)
            LearnBaselines(example);
    }

    /// <summary>Scores everyone on a row that the learner has not learned yet.</summary>
    private void Judge(LabeledExample example, in FeatureSpan x)
    {
        var predicted = _learner!.PredictOne(x);
        if (!double.IsFinite(predicted))
            throw new LearnerException($"The learner answers {predicted}; reset it, or lower learningRate.");

        // A corrected label is learned, but it was no prediction: it stands in no figure.
        if (example is { Correction: false, Organic: false })
        {
            Evaluate(LearnerName, predicted, example.Label);
            _pairs?.Add(predicted, example.Label);
            if (example is { ServedScore: { } served, ServedVersion: not null })
                Evaluate(ServedName, served, example.Label);
            if (_noChange.Count > 0)
                Evaluate(NoChangeName, _noChange.Predict(), example.Label);
            if (_prior.Count > 0)
                Evaluate(PriorName, _prior.Predict(), example.Label);
            if (ChampionAnswer(example, x) is { } champion)
            {
                _comparison ??= new ChampionComparison(_model);
                _comparison.Add(example, champion, predicted);
            }

            GuardLive(x, predicted, example.Label);

            if (Cooldown > 0)
                Cooldown--;
        }
    }

    /// <summary>What is due now: nothing, the bootstrap, or a promotion of the learner as it stands.</summary>
    public TrainerStep Next()
    {
        var learner = _model.Definition.Learner!;
        if (_learner is null)
            return _bootstrap.Count >= learner.BootstrapOutcomes ? TrainerStep.Bootstrap : TrainerStep.None;
        if (NextOfLive() is var due and not TrainerStep.None)
            return due;
        var promotion = _model.Definition.Promotion;
        if (promotion is null || promotion.Test == "none" || Cooldown > 0 || CandidateVersion is not null)
            return TrainerStep.None;
        return _comparison is { IsBetter: true, WorseSlice: null } ? TrainerStep.Promote : TrainerStep.None;
    }

    /// <summary>The learner as it stands became champion: the comparison starts anew, after the cooldown.</summary>
    public void MarkChampion(int version)
    {
        ChampionVersion = version;
        AwaitsFirstVersion = false;
        _champion = LearnerFactory.Restore(_learner!.Save());
        BeginBase(version);
        _comparison = null;
        Cooldown = _model.Definition.Promotion?.CooldownOutcomes ?? 0;
    }

    /// <summary>
    /// Another one became champion by hand: its weights are not known here, so from now on its served scores are compared.
    /// </summary>
    public void FollowChampion(int? version)
    {
        ChampionVersion = version;
        _champion = null;
        _comparison = null;
    }

    /// <summary>
    /// The bootstrap is over and another's version is champion: the learner is compared with what that one serves. A live learner has its own
    /// version to go back to all the same.
    /// </summary>
    public void BeginBeside(int champion, int own)
    {
        MarkChampion(own);
        FollowChampion(champion);
        Cooldown = 0;
    }

    /// <summary>What can be exported: pipeline and model.</summary>
    public (FittedPipeline Pipeline, LearnerModel Model) Snapshot() => (_pipeline!, _learner!.Snapshot());

    /// <summary>What a calibration is fitted on; empty: none is declared.</summary>
    public CalibrationPairs Pairs => _pairs ?? new CalibrationPairs();

    /// <summary>The running comparison; null when there is none.</summary>
    public PromotionEvidence? Evidence() => _comparison?.Evidence();

    public ImmutableArray<LossReading> Losses()
    {
        var readings = ImmutableArray.CreateBuilder<LossReading>();
        foreach (var (name, evaluation) in _evaluations)
        {
            foreach (var metric in _classes > 0 ? new[] { "log_loss", "accuracy" } : ["squared_error", "absolute_error"])
            {
                if (evaluation.Metric(metric) is { Count: > 0 } mean)
                    readings.Add(new LossReading(name, metric, mean.Cumulative, mean.Windowed, mean.Faded, mean.Count));
            }
        }

        return readings.ToImmutable();
    }

    /// <summary>Puts all of it but the bootstrap rows into the stored state.</summary>
    public void Save(TrainerState state)
    {
        state.Pipeline = _pipeline?.ToJson();
        state.Learner = _learner?.Save();
        state.Champion = _champion?.Save();
        state.Comparison = _comparison?.Save();
        SaveCandidate(state);
        state.NoChange = _noChange.Save();
        state.Prior = _classPrior?.Save() ?? _prior.Save();
        state.CalibrationPairs = _pairs?.Save();
        state.Cooldown = Cooldown;
        state.ChampionVersion = ChampionVersion;
        state.AwaitsFirstVersion = AwaitsFirstVersion;
        SaveLive(state);
        state.Evaluations = _evaluations.ToDictionary(e => e.Key, e => e.Value.Save());
    }

    /// <summary>What the champion says of the row: by its weights, else by the score it served; null when neither is known.</summary>
    private double? ChampionAnswer(LabeledExample example, in FeatureSpan x)
    {
        if (_champion is not null)
            return _champion.PredictOne(x);
        return ChampionVersion is { } version && example.ServedVersion == version ? example.ServedScore : null;
    }

    private void LearnBaselines(LabeledExample example)
    {
        if (example.Correction)
            return;
        _noChange.Learn(example.Label);
        if (_classPrior is null)
            _prior.Learn(example.Label);
        else
            _classPrior.Learn(example.Label);
    }

    private void Evaluate(string predictor, double prediction, double label) => EvaluationOf(predictor).Add(prediction, label);

    private PrequentialEvaluation EvaluationOf(string predictor)
    {
        if (!_evaluations.TryGetValue(predictor, out var evaluation))
            _evaluations.Add(predictor, evaluation = new PrequentialEvaluation(binary: _classes > 0));
        return evaluation;
    }

    private Row ToRow(LabeledExample example)
    {
        // The columns as logged may stand in another order than those declared now; lineage says they are the same set.
        var values = new Scalar[_model.Schema.Columns.Length];
        for (var i = 0; i < example.Columns.Length; i++)
        {
            var index = _model.Schema.IndexOf(example.Columns[i]);
            if (index >= 0)
                values[index] = example.Values[i];
        }

        return _model.ToRow(values);
    }
}
