namespace OrleansMl.Learning;

/// <summary>
/// Gradient-boosted trees on histograms (Friedman 2001; Ke et al. 2017, LightGBM; scikit-learn's HistGradientBoosting, whose
/// treatment of missing values and categories this is). Sums are exact, so the model hangs on neither the thread count nor,
/// without draws, the order of the rows; over 200,000 rows the bins of numbers are learned from a seeded sample.
/// </summary>
internal sealed class BoostedTreesTrainer : ITrainer
{
    public const string Name = "gradient_boosted_trees";

    private readonly TrainerShape _shape;
    private readonly BoostingOptions _options;
    private readonly long _seed;
    private readonly int _threads;

    private BoostedTreesTrainer(in TrainerShape shape, ParameterSet parameters, long seed, int threads)
        => (_shape, _options, _seed, _threads) = (shape, BoostingOptions.From(parameters, shape.Learner.Classes), seed, threads);

    /// <summary>What it is for and what can be set.</summary>
    public static TrainerKind Kind { get; } = new(
        Name,
        "gradient-boosted trees on histograms: missing values, categories, losses of values, counts and classes",
        LearnerTargets.Binary | LearnerTargets.Regression | LearnerTargets.Multiclass,
        BoostingOptions.Parameters,
        static (in shape, parameters, seed, threads) => new BoostedTreesTrainer(shape, parameters, seed, threads))
    {
        TakesMissing = true,
        TakesHashed = false,
    };

    public string Type => Name;

    public LearnerModel Fit(TrainingRows train, TrainingRows? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        if (validation is { Count: 0 })
            validation = null;
        BoostingRows.Check(Name, train, validation, _shape.Learner, _options);
        var threads = new WorkThreads(_threads);
        var binned = BinnedRows.Of(train, _shape, _options.MaxBins, _seed, threads, cancellationToken);
        BoostingRows.CheckBins(Name, binned, _options);
        var weights = WeightsOf(train);
        var boosting = new Boosting(train, weights, binned, LossOf(train, weights), _options, _seed, threads);
        return Boost(boosting, validation, new BoostingProgress(progress, _options.Iterations), cancellationToken);
    }

    private BoostedTreesModel Boost(Boosting boosting, TrainingRows? validation, BoostingProgress progress, CancellationToken cancellationToken)
    {
        var judge = validation is null ? null : LossOf(validation, WeightsOf(validation));
        var sums = validation is null ? [] : boosting.SumsFor(validation.Count);
        double? loss = judge?.Mean(sums);
        var (best, bestLoss, iteration) = (0, loss ?? double.PositiveInfinity, 0);
        while (iteration < _options.Iterations)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hasGrown = boosting.Step(iteration++, cancellationToken);
            if (judge is not null)
            {
                boosting.AddLast(validation!, sums);
                loss = judge.Mean(sums);
                if (loss < bestLoss - _options.Tolerance)
                    (best, bestLoss) = (iteration, loss.Value);
            }

            progress.Report(iteration, () => boosting.Loss, loss, isLast: false);

            // Without draws the next trees would be the same.
            if (!hasGrown && _options is { RowFraction: >= 1, FeatureFraction: >= 1 })
                break;
            if (judge is not null && _options.Patience > 0 && iteration - best >= _options.Patience)
                break;
        }

        progress.Report(iteration, () => boosting.Loss, judge is null ? null : bestLoss, isLast: true);
        return boosting.ToModel(judge is null || _options.Patience == 0 ? iteration : best);
    }

    private double[]? WeightsOf(TrainingRows rows) => _options.IsBalanced ? ClassWeights.Of(rows, _shape.Learner.Classes, true) : rows.Weights;

    private BoostingLoss LossOf(TrainingRows rows, double[]? weights) => _shape.Learner.Classes switch
    {
        2 => new BoostedLogisticLoss(rows.Targets, weights),
        > 2 and var classes => new BoostedSoftmaxLoss(rows.Targets, weights, classes),
        _ => _options.Loss switch
        {
            BoostingOptions.Absolute => new BoostedAbsoluteLoss(rows.Targets, weights),
            BoostingOptions.Poisson => new BoostedPoissonLoss(rows.Targets, weights),
            _ => new BoostedSquaredLoss(rows.Targets, weights),
        },
    };
}
