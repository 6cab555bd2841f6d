using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>An online learner that sees the rows several times, in their order.</summary>
internal sealed class EpochTrainer : ITrainer
{
    private const string Epochs = "epochs";
    private const int RowsPerCheck = 4096;

    private static readonly ImmutableArray<LearnerParameter> s_own = [LearnerParameter.Integer(Epochs, 1, 1, 1000, "passes over the rows, in the order of time")];

    private readonly LearnerKind _kind;
    private readonly LearnerShape _shape;
    private readonly IReadOnlyDictionary<string, object> _parameters;
    private readonly long _seed;
    private readonly int _epochs;

    private EpochTrainer(LearnerKind kind, in LearnerShape shape, ParameterSet parameters, long seed)
    {
        (_kind, _shape, _parameters, _seed) = (kind, shape, parameters.Except(s_own), seed);
        _epochs = parameters.Integer(Epochs);
    }

    public string Type => _kind.Name;

    /// <summary>A learner as a type of trainer.</summary>
    public static TrainerKind KindOf(LearnerKind kind) => new(
        kind.Name,
        kind.About,
        kind.Targets,
        (classes, given) => [.. s_own, .. kind.Parameters(classes, given)],
        (in shape, parameters, seed, _) => new EpochTrainer(kind, shape.Learner, parameters, seed))
    {
        TakesPair = kind.Name == MatrixFactorizationLearner.Name,
    };

    public LearnerModel Fit(TrainingRows train, TrainingRows? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        TrainingRowsCheck.Check(Type, train, _shape);
        var learner = LearnerFactory.Create(Type, _parameters, _shape, _seed);
        var total = (double)train.Count * _epochs;
        for (var epoch = 0; epoch < _epochs; epoch++)
        {
            for (var row = 0; row < train.Count; row++)
            {
                if (row % RowsPerCheck == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress?.Report(new TrainingProgress((((double)epoch * train.Count) + row) / total, epoch, null, null));
                }

                Learn(learner, train, row);
            }
        }

        progress?.Report(new TrainingProgress(1, _epochs, null, null));
        return learner.Snapshot();
    }

    /// <summary>What a learner refuses beyond what all refuse is a fault of the rows too.</summary>
    private void Learn(ILearner learner, TrainingRows train, int row)
    {
        try
        {
            learner.LearnOne(train[row], train.Targets[row], train.WeightOf(row));
        }
        catch (ArgumentException refusal)
        {
            throw new LearnerException($"{Type} cannot learn row {row} of {train.Count}: {refusal.Message}", refusal);
        }
    }
}
