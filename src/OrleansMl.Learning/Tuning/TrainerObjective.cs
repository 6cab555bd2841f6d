using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Fits the trainer on each fold and judges it on the rows that follow. The resource that halving spends is the trainer's iterations or epochs where it has such a
/// parameter that is not searched for and large enough, else the rows: the newest of each fold.
/// </summary>
public sealed class TrainerObjective : ITuningObjective
{
    /// <summary>Fewer rows say little about any parameters.</summary>
    private const double LeastRows = 100;

    private static readonly string[] s_resources = ["iterations", "epochs"];

    private readonly SearchSpace _space;
    private readonly ImmutableArray<TuningFold> _folds;
    private readonly long _seed;
    private readonly int _threads;
    private readonly double _most;

    /// <param name="space">Names the trainer.</param>
    /// <param name="classes">0: a value is learned; else the number of classes.</param>
    /// <param name="folds">At least one, none of their parts empty.</param>
    /// <param name="metric">What is to be best.</param>
    /// <param name="seed">Of every fit.</param>
    /// <param name="threads">Of every fit, ≥ 1.</param>
    public TrainerObjective(SearchSpace space, int classes, ImmutableArray<TuningFold> folds, TuningMetric metric, long seed, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(space);
        if (folds.IsDefaultOrEmpty || folds.Any(fold => fold.Train.Count == 0 || fold.Test.Count == 0))
            throw new ArgumentException("There is no fold, or one without rows.", nameof(folds));
        (_space, _folds, Metric, _seed, _threads) = (space, folds, metric, seed, threads);
        var known = space.Trainer.Parameters(classes);
        foreach (var name in s_resources)
        {
            if (known.FirstOrDefault(parameter => parameter.Name == name) is not { } parameter || space.Ranges.ContainsKey(name))
                continue;
            var most = space.Given.TryGetValue(name, out var given) ? Convert.ToDouble(given, System.Globalization.CultureInfo.InvariantCulture) : parameter.Default as double? ?? 1;
            if (most / parameter.Min >= Halving.Eta)
                (Resource, _most, LeastShare) = (name, most, parameter.Min / most);
        }

        if (Resource is null)
            LeastShare = Math.Min(1, LeastRows / folds.Min(fold => fold.Train.Count));
    }

    public int Folds => _folds.Length;

    public TuningMetric Metric { get; }

    /// <summary>The parameter that is the resource; null: the rows are.</summary>
    public string? Resource { get; }

    public double LeastShare { get; }

    public double Score(IReadOnlyDictionary<string, object> parameters, int fold, double share, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var (shape, train, validation, test) = _folds[fold];
        if (Resource is not null)
            parameters = parameters.ToImmutableSortedDictionary(StringComparer.Ordinal).SetItem(Resource, Math.Max(1, Math.Round(_most * share)));
        else
            train = RowSubset.Newest(train, (int)Math.Ceiling(train.Count * share));
        var trainer = TrainerFactory.Create(_space.Trainer.Name, parameters, shape, _seed, _threads);
        var model = trainer.Fit(train, validation, null, cancellationToken);
        var width = Math.Max(1, model.Classes);
        var answers = new double[test.Count * width];
        for (var row = 0; row < test.Count; row++)
        {
            var answer = answers.AsSpan(row * width, width);
            model.Predict(test[row], answer);
            foreach (var value in answer)
            {
                if (!double.IsFinite(value))
                    throw new LearnerException($"The model answers {value} for row {row} of the test rows of fold {fold + 1}; scale or clip the columns, or lower the rate.");
            }
        }

        return Metric.Compute(answers, test.Targets, model.Classes);
    }
}
