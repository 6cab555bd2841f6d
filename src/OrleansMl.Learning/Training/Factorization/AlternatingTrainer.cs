using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Biased matrix factorization by alternating least squares (Koren, Bell and Volinsky, 2009; Zhou et al., 2008, with one l2 for all
/// rather than one by count): the model of <see cref="MatrixFactorizationLearner"/>, with its rules for what was not met before.
/// Each sweep finds all users at their best for the items, then all items for the users; no sweep raises what is minimised (see
/// <see cref="AlternatingProblem"/>). The model is the same for every count of threads; validation rows are not looked at.
/// </summary>
internal sealed class AlternatingTrainer : ITrainer
{
    public const string Name = "matrix_factorization_als";

    /// <summary>Added to both classes, as the online learner does: the log-odds of one class alone would be infinite.</summary>
    private const double Smoothing = 1;

    private static readonly ImmutableArray<LearnerParameter> s_parameters =
    [
        LearnerParameter.Integer("factors", 10, 0, 256, "numbers that describe a user or an item; 0: biases alone"),
        LearnerParameter.Number("l2", 1, 0, 1e12, "penalty of biases, as alpha of scikit-learn's Ridge", openMin: true),
        LearnerParameter.Number("l2Factors", 1, 0, 1e12, "the same for factors", openMin: true),
        LearnerParameter.Number("initialScale", 0.1, 0, 10, "standard deviation of the first factors", openMin: true),
        LearnerParameter.Number("tolerance", 1e-5, 0, 1, "it stops when a sweep lowers what is minimised by no larger share"),
        LearnerParameter.Integer("maxIterations", 30, 1, 10_000, "it stops after so many sweeps"),
    ];

    private readonly LearnerShape _shape;
    private readonly long _seed;
    private readonly int _threads;
    private readonly int _factors;
    private readonly double _l2;
    private readonly double _l2Factors;
    private readonly double _initialScale;
    private readonly double _tolerance;
    private readonly int _maxIterations;
    private readonly bool _limited;

    private AlternatingTrainer(in LearnerShape shape, ParameterSet parameters, long seed, int threads)
    {
        MatrixFactorizationLearner.CheckColumns(Name, shape);
        (_shape, _seed, _threads) = (shape, seed, threads);
        _factors = parameters.Integer("factors");
        _l2 = parameters.Number("l2");
        _l2Factors = parameters.Number("l2Factors");
        _initialScale = parameters.Number("initialScale");
        _tolerance = parameters.Number("tolerance");
        _maxIterations = parameters.Integer("maxIterations");
        _limited = shape.IsRegression && parameters.Flag("clipToLabelRange");
    }

    public static TrainerKind Kind { get; } = new(
        Name,
        "user and item: biases and factors, fitted on all rows by alternating least squares; takes two hashed columns and nothing else",
        LearnerTargets.Binary | LearnerTargets.Regression,
        classes => classes == 0 ? [.. s_parameters, LearnerFactory.ClipToLabelRange] : s_parameters,
        (in shape, parameters, seed, threads) => new AlternatingTrainer(shape.Learner, parameters, seed, threads))
    {
        TakesPair = true,
    };

    public string Type => Name;

    public LearnerModel Fit(TrainingRows train, TrainingRows? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        TrainingRowsCheck.Check(Name, train, _shape);
        cancellationToken.ThrowIfCancellationRequested();
        var center = Center(train);
        var problem = new AlternatingProblem(train, _shape, center, _factors, _l2, _l2Factors, _threads, cancellationToken);
        Draw(problem.Items);
        var (before, meanLoss) = problem.Value();
        var unit = _shape.IsRegression ? 2 : 1;
        for (var sweep = 1; ; sweep++)
        {
            progress?.Report(new TrainingProgress((sweep - 1.0) / _maxIterations, sweep - 1, meanLoss * unit, null));
            problem.Solve(problem.Users, problem.Items);
            problem.Solve(problem.Items, problem.Users);
            (var sum, meanLoss) = problem.Value();
            if (!double.IsFinite(sum))
                throw new LearnerException($"After {sweep} sweeps what {Name} minimises is {sum}: scale the target, or raise l2 and l2Factors.");
            if (sweep == _maxIterations || before - sum <= _tolerance * before)
            {
                progress?.Report(new TrainingProgress(1, sweep, meanLoss * unit, null));
                break;
            }

            before = sum;
        }

        return new MatrixFactorizationModel(
            center,
            new SparseRows([.. problem.Users.Places], [.. problem.Users.Known], 1 + _factors),
            new SparseRows([.. problem.Items.Places], [.. problem.Items.Known], 1 + _factors),
            _shape.HashBits,
            _shape.IsRegression ? Link.Identity : Link.Logistic,
            _limited ? train.Targets.Min() : double.NegativeInfinity,
            _limited ? train.Targets.Max() : double.PositiveInfinity);
    }

    private double Center(TrainingRows train)
    {
        double weight = 0, mean = 0;
        for (var row = 0; row < train.Count; row++)
        {
            weight += train.WeightOf(row);
            mean += train.WeightOf(row) / weight * (train.Targets[row] - mean);
        }

        return _shape.IsRegression ? mean : Math.Log(((mean * weight) + Smoothing) / (((1 - mean) * weight) + Smoothing));
    }

    /// <summary>The items' first factors hang on seed and place alone; the users are found before theirs would count.</summary>
    private void Draw(AlternatingSide items)
    {
        for (var number = 0; number < items.Count; number++)
        {
            var draw = SeededDraw.For(_seed, (1L << 32) + items.Places[number]);
            foreach (ref var factor in items.KnownOf(number)[1..])
                factor = _initialScale * draw.Normal();
        }
    }
}
