using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>
/// Searches the best parameters. Sets, order and decisions follow from the seed and the scores alone, so a search that is given what an earlier one had done goes on as
/// if nothing had happened: a crash costs the evaluation that was running.
/// </summary>
public sealed class Tuner
{
    private readonly SearchSpace _space;
    private readonly ITuningObjective _objective;
    private readonly TuningOptions _options;
    private readonly TimeProvider _time;
    private readonly SortedDictionary<int, TuningTrial> _trials = [];
    private bool _isOutOfTime;

    /// <param name="space">What is searched.</param>
    /// <param name="objective">How good a set is.</param>
    /// <param name="options">How much it may take.</param>
    /// <param name="time">Measures the seconds; null: the system's.</param>
    public Tuner(SearchSpace space, ITuningObjective objective, TuningOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Trials, 1);
        (_space, _objective, _options, _time) = (space, objective, options, time ?? TimeProvider.System);
        Sets = space.Draw(options.Seed, options.Trials);
        Rungs = options.Method == TuningMethod.Halving ? Halving.Rungs(Sets.Length, objective.LeastShare) : [new TuningRung(Sets.Length, 1)];
    }

    /// <summary>The sets that are tried, in order.</summary>
    public ImmutableArray<ImmutableSortedDictionary<string, object>> Sets { get; }

    /// <summary>The steps, the last with the whole resource; of random search that alone.</summary>
    public ImmutableArray<TuningRung> Rungs { get; }

    /// <summary>Searches to the end of the trials or of the time.</summary>
    /// <param name="known">What an earlier run of the same search had done; empty: nothing.</param>
    /// <param name="onTrial">Hears of a trial after each of its evaluations, and when it is pruned: what to keep.</param>
    /// <param name="progress">Hears how far it is, 0 to 1, by the share of the resource that is spent.</param>
    /// <param name="cancellationToken">Stops it; what was told is done.</param>
    /// <exception cref="ArgumentException">The trials are of another search.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TuningReport Run(ImmutableArray<TuningTrial> known, Action<TuningTrial>? onTrial, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        Take(known);
        ImmutableArray<int> alive = [.. Enumerable.Range(0, Sets.Length)];
        var (spent, whole) = (0.0, Rungs.Sum(rung => rung.Trials * rung.Share));
        for (var rung = 0; rung < Rungs.Length && !_isOutOfTime; rung++)
        {
            foreach (var number in alive)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!Evaluate(number, rung, onTrial, cancellationToken))
                    break;
                spent += Rungs[rung].Share;
                progress?.Report(Math.Min(1, spent / whole));
            }

            if (!_isOutOfTime)
                alive = Decide(alive, rung, onTrial);
        }

        foreach (var trial in _trials.Values.Where(trial => trial.State == TrialState.Open).ToArray())
            Keep(trial with { State = TrialState.Pruned, Reason = $"the {Text(_options.Seconds)} s of the search were up" }, onTrial);
        return new TuningReport(_space.Trainer.Name, _objective.Metric.Name, _objective.Metric.IsHigherBetter, _options, [.. _trials.Values], _isOutOfTime);
    }

    private void Take(ImmutableArray<TuningTrial> known)
    {
        _trials.Clear();
        _isOutOfTime = false;
        foreach (var trial in known)
        {
            var fits = trial.Number >= 0 && trial.Number < Sets.Length && trial.Rungs.Length <= Rungs.Length
                && trial.Rungs.Select(rung => rung.Share).SequenceEqual(Rungs.Take(trial.Rungs.Length).Select(rung => rung.Share))
                && trial.Rungs.All(rung => rung.Scores.Length == _objective.Folds)
                && trial.Parameters.SequenceEqual(Sets[trial.Number]);
            if (!fits || !_trials.TryAdd(trial.Number, trial))
                throw new ArgumentException($"Trial {trial.Number} is not of this search: its space, seed, trials, folds or method are others. Begin anew.", nameof(known));

            // Whether it goes on follows from the scores, again.
            if (trial.State == TrialState.Pruned)
                _trials[trial.Number] = trial with { State = TrialState.Open, Reason = null };
        }
    }

    /// <summary>False: the time is up.</summary>
    private bool Evaluate(int number, int rung, Action<TuningTrial>? onTrial, CancellationToken cancellationToken)
    {
        var trial = _trials.GetValueOrDefault(number) ?? new TuningTrial(number, Sets[number], TrialState.Open, []);
        if (trial.State == TrialState.Failed || trial.Rungs.Length > rung)
            return true;
        if (_options.Seconds is { } most && _trials.Values.Sum(one => one.Seconds) >= most)
        {
            _isOutOfTime = true;
            return false;
        }

        var began = _time.GetTimestamp();
        try
        {
            var scores = ImmutableArray.CreateBuilder<double>(_objective.Folds);
            for (var fold = 0; fold < _objective.Folds; fold++)
            {
                var score = _objective.Score(trial.Parameters, fold, Rungs[rung].Share, cancellationToken);
                if (!double.IsFinite(score))
                    throw new LearnerException($"{_objective.Metric.Name} is not defined on fold {fold + 1}: its test rows are too few, or of one class.");
                scores.Add(score);
            }

            trial = trial with
            {
                Rungs = trial.Rungs.Add(new TrialRung(Rungs[rung].Share, scores.ToImmutable(), _time.GetElapsedTime(began).TotalSeconds)),
                State = rung == Rungs.Length - 1 ? TrialState.Completed : TrialState.Open,
            };
        }
        catch (LearnerException exception)
        {
            trial = trial with { State = TrialState.Failed, Reason = exception.Message, FailedSeconds = _time.GetElapsedTime(began).TotalSeconds };
        }

        Keep(trial, onTrial);
        return true;
    }

    /// <summary>Those that go on, by number.</summary>
    private ImmutableArray<int> Decide(ImmutableArray<int> alive, int rung, Action<TuningTrial>? onTrial)
    {
        if (rung == Rungs.Length - 1)
            return [];
        var scored = alive.Where(number => _trials[number].State != TrialState.Failed).OrderBy(number => _trials[number].Rungs[rung].Score, Comparer<double>.Create(_objective.Metric.Compare)).ThenBy(number => number).ToArray();
        var next = Rungs[rung + 1].Trials;
        foreach (var number in scored.Skip(next))
            Keep(_trials[number] with { State = TrialState.Pruned, Reason = $"not among the best {next} of {scored.Length} with {Text(100 * Rungs[rung].Share)} % of the resource" }, onTrial);
        return [.. scored.Take(next).Order()];
    }

    private void Keep(TuningTrial trial, Action<TuningTrial>? onTrial)
    {
        _trials[trial.Number] = trial;
        onTrial?.Invoke(trial);
    }

    private static string Text(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";
}
