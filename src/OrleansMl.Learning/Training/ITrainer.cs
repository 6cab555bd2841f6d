namespace OrleansMl.Learning;

/// <summary>
/// Fits a model on all rows at once. Equal rows, parameters, seed and thread count give the same model bit for bit on the same kind
/// of machine.
/// </summary>
public interface ITrainer
{
    /// <summary>Name in application files and jobs.</summary>
    string Type { get; }

    /// <summary>Fits.</summary>
    /// <param name="train">At least one row.</param>
    /// <param name="validation">Rows that early stopping is judged on; null: there are none.</param>
    /// <param name="progress">Hears how far it is, at most a few times a second of work; null: nobody listens.</param>
    /// <param name="cancellationToken">Stops it soon, within an iteration.</param>
    /// <exception cref="LearnerException">The rows cannot be learned from: one class alone, a target that is no number, …; names the remedy.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    LearnerModel Fit(TrainingRows train, TrainingRows? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken);
}

/// <summary>How far a fit is.</summary>
/// <param name="Fraction">0 to 1.</param>
/// <param name="Iteration">Trees, epochs or steps done.</param>
/// <param name="TrainLoss">Mean loss on the training rows; null: not known.</param>
/// <param name="ValidationLoss">Mean loss on the validation rows; null: there are none.</param>
public readonly record struct TrainingProgress(double Fraction, int Iteration, double? TrainLoss, double? ValidationLoss);
