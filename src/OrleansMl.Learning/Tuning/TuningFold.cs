namespace OrleansMl.Learning;

/// <summary>Rows to fit on and later rows to judge by, as they come out of a pipeline that knows nothing but the fold's own past.</summary>
/// <param name="Shape">What they hold; another fold's pipeline may have met other categories.</param>
/// <param name="Train">In the order of time.</param>
/// <param name="Validation">Rows between the two, for early stopping alone; null: there are none.</param>
/// <param name="Test">What the score is of.</param>
public sealed record TuningFold(TrainerShape Shape, TrainingRows Train, TrainingRows? Validation, TrainingRows Test);
