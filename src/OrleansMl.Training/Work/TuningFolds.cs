using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// The folds of a search. Each has a pipeline of its own, fitted on the rows that the fold is fitted on and on no others: means, scales, categories and
/// clusters of later rows would tell a trial what it is to be judged on (Hastie, Tibshirani and Friedman, section 7.10.2). The vectors are made once and are
/// those of all trials.
/// </summary>
internal static class TuningFolds
{
    /// <param name="plan">Says stages, folds and the gap.</param>
    /// <param name="folds">≥ 1.</param>
    /// <param name="rows">All of them.</param>
    /// <param name="known">Those that may be looked at, in the order of time.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LearnerException">The rows are too few, or a pipeline cannot be fitted on those of a fold.</exception>
    public static ImmutableArray<TuningFold> Of(TrainingPlan plan, int folds, LabelledRow[] rows, int[] known, CancellationToken cancellationToken)
    {
        var early = plan.Split.Validation / (1 - plan.Split.Test);
        var splits = FoldSplit.InTime(known.Length, folds, gap: plan.Split.Gap, validationShare: Math.Clamp(early, 0, 0.5));
        var made = ImmutableArray.CreateBuilder<TuningFold>(splits.Length);
        foreach (var (place, split) in splits.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] train = [.. split.Train.Select(row => known[row])];
            var pipeline = Fit(plan, place + 1, [.. train.Select(row => rows[row].Row)]);
            made.Add(new TuningFold(
                PlanPipeline.Shape(plan, pipeline),
                RowTransform.Apply(pipeline, rows, train),
                split.Validation.IsEmpty ? null : RowTransform.Apply(pipeline, rows, [.. split.Validation.Select(row => known[row])]),
                RowTransform.Apply(pipeline, rows, [.. split.Test.Select(row => known[row])])));
        }

        return made.MoveToImmutable();
    }

    private static FittedPipeline Fit(TrainingPlan plan, int fold, Row[] rows)
    {
        try
        {
            return PlanPipeline.Fit(plan, rows);
        }
        catch (PipelineException exception)
        {
            throw new LearnerException($"The pipeline cannot be fitted on the {rows.Length} rows of fold {fold} of the search: {exception.Message} Tune on fewer folds, or take more rows.", exception);
        }
    }
}
