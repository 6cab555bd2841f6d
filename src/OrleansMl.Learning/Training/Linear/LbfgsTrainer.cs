using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Linear models fitted on all rows by L-BFGS: ridge regression for a value, logistic regression for two classes, multinomial for
/// more. It minimises Σ weight · loss + l2/2 · Σ w², with loss (s − y)²/2 or −ln p; so l2 is what scikit-learn calls <c>alpha</c>
/// in Ridge and 1/<c>C</c> in LogisticRegression. Constants are not penalised. The model is the same for every count of threads;
/// there is nothing to stop early, so validation rows are not looked at.
/// </summary>
internal sealed class LbfgsTrainer : ITrainer
{
    public const string Name = "linear_lbfgs";

    private static readonly ImmutableArray<LearnerParameter> s_common =
    [
        LearnerParameter.Number("l2", 1, 0, 1e12, "penalty: alpha of scikit-learn's Ridge, 1/C of its LogisticRegression"),
        LearnerParameter.Number("tolerance", 1e-7, 0, 1, "it stops when no derivative of the mean loss by a standardised weight is larger", openMin: true),
        LearnerParameter.Integer("maxIterations", 500, 1, 100_000, "it stops after so many steps"),
    ];

    private readonly LearnerShape _shape;
    private readonly int _threads;
    private readonly double _l2;
    private readonly double _tolerance;
    private readonly int _maxIterations;
    private readonly bool _balanced;
    private readonly bool _limited;

    private LbfgsTrainer(in LearnerShape shape, ParameterSet parameters, int threads)
    {
        (_shape, _threads) = (shape, threads);
        _l2 = parameters.Number("l2");
        _tolerance = parameters.Number("tolerance");
        _maxIterations = parameters.Integer("maxIterations");
        _balanced = !shape.IsRegression && parameters.Word(ClassWeights.Parameter.Name) == ClassWeights.Balanced;
        _limited = shape.IsRegression && parameters.Flag("clipToLabelRange");
    }

    public static TrainerKind Kind { get; } = new(
        Name,
        "linear model fitted on all rows by L-BFGS: ridge, logistic or multinomial logistic regression",
        LearnerTargets.Binary | LearnerTargets.Regression | LearnerTargets.Multiclass,
        classes => classes == 0 ? [.. s_common, LearnerFactory.ClipToLabelRange] : [.. s_common, ClassWeights.Parameter],
        (in shape, parameters, _, threads) => new LbfgsTrainer(shape.Learner, parameters, threads));

    public string Type => Name;

    public LearnerModel Fit(TrainingRows train, TrainingRows? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        TrainingRowsCheck.Check(Name, train, _shape);
        var weights = ClassWeights.Of(train, _shape.Classes, _balanced);
        var total = weights.Sum();
        for (var row = 0; row < weights.Length; row++)
            weights[row] /= total;
        return _shape.IsRegression
            ? FitValues(train, weights, _l2 / total, progress, cancellationToken)
            : FitClasses(train, weights, _l2 / total, progress, cancellationToken);
    }

    private LinearModel FitValues(TrainingRows train, double[] weights, double penalty, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        // In units of their deviation the tolerance means the same for all targets.
        double mean = 0, variance = 0;
        for (var row = 0; row < weights.Length; row++)
            mean += weights[row] * train.Targets[row];
        for (var row = 0; row < weights.Length; row++)
            variance += weights[row] * (train.Targets[row] - mean) * (train.Targets[row] - mean);
        var unit = variance > 0 ? Math.Sqrt(variance) : 1;
        var objective = Objective(train, weights, new BatchSquaredLoss(), [.. train.Targets.Select(target => (target - mean) / unit)], 1, penalty, cancellationToken);
        var point = Minimize(objective, [0], 2 * unit * unit, progress);
        return new LinearModel(
            [.. Enumerable.Range(0, train.DenseCount).Select(j => objective.DenseWeight(point, 0, j) * unit)],
            Hashed(objective, point, unit),
            _shape.HashBits,
            mean + (objective.Constant(point, 0) * unit),
            Link.Identity,
            _limited ? train.Targets.Min() : double.NegativeInfinity,
            _limited ? train.Targets.Max() : double.PositiveInfinity);
    }

    private LearnerModel FitClasses(TrainingRows train, double[] weights, double penalty, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var shares = new double[_shape.Classes];
        for (var row = 0; row < weights.Length; row++)
            shares[(int)train.Targets[row]] += weights[row];
        var curvature = shares.Sum(share => share * (1 - share)) / shares.Length;
        if (_shape.Classes == 2)
        {
            var logistic = Objective(train, weights, new BatchLogisticLoss(), train.Targets, curvature, penalty, cancellationToken);
            var at = Minimize(logistic, [Math.Log(shares[1] / shares[0])], 1, progress);
            return new LinearModel(
                [.. Enumerable.Range(0, train.DenseCount).Select(j => logistic.DenseWeight(at, 0, j))],
                Hashed(logistic, at, 1),
                _shape.HashBits,
                logistic.Constant(at, 0),
                Link.Logistic,
                double.NegativeInfinity,
                double.PositiveInfinity);
        }

        // A class that does not occur starts as if half a row in all were of it: the logarithm of 0 is no start.
        var logs = shares.Select(share => Math.Log(Math.Max(share, 0.5 / train.Count))).ToArray();
        var softmax = Objective(train, weights, new BatchSoftmaxLoss(_shape.Classes), train.Targets, curvature, penalty, cancellationToken);
        var point = Minimize(softmax, [.. logs.Select(log => log - logs.Average())], 1, progress);
        var classes = Enumerable.Range(0, _shape.Classes).ToArray();
        return new SoftmaxModel(
            [.. Enumerable.Range(0, train.DenseCount).SelectMany(j => classes.Select(c => softmax.DenseWeight(point, c, j)))],
            new SparseRows([.. softmax.Places], [.. Enumerable.Range(0, softmax.Places.Length).SelectMany(p => classes.Select(c => softmax.HashedWeight(point, c, p)))], _shape.Classes),
            _shape.HashBits,
            [.. classes.Select(c => softmax.Constant(point, c))]);
    }

    private LinearObjective Objective(TrainingRows train, double[] weights, BatchLoss loss, double[] targets, double curvature, double penalty, CancellationToken cancellationToken)
        => new(new StandardizedRows(train, weights, _shape.TableSize, curvature, penalty), loss, targets, penalty, 1 / Math.Sqrt(curvature), _threads, cancellationToken);

    /// <summary>The fraction is that of the digits by which the largest derivative has shrunk, or that of the steps where that is more.</summary>
    private double[] Minimize(LinearObjective objective, double[] constants, double unit, IProgress<TrainingProgress>? progress)
    {
        var (first, fraction, iteration) = (double.NaN, 0.0, 0);
        var point = new Lbfgs(objective, _tolerance, _maxIterations).Minimize(objective.Start(constants), (steps, largest) =>
        {
            if (steps == 0)
                first = largest;
            var digits = first > _tolerance ? Math.Log(first / Math.Max(largest, _tolerance)) / Math.Log(first / _tolerance) : 0;
            fraction = Math.Max(fraction, Math.Max(Math.Min(digits, 0.99), 0.99 * steps / _maxIterations));
            iteration = steps;
            progress?.Report(new TrainingProgress(fraction, steps, objective.MeanLoss * unit, null));
        });
        progress?.Report(new TrainingProgress(1, iteration, objective.MeanLoss * unit, null));
        return point;
    }

    private static ImmutableArray<HashedWeight> Hashed(LinearObjective objective, double[] point, double unit)
        => [.. objective.Places.Select((place, number) => new HashedWeight(place, objective.HashedWeight(point, 0, number) * unit)).Where(entry => entry.Weight != 0)];
}
