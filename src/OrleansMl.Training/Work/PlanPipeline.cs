using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>The pipeline that a plan declares, fitted, and what it gives to the plan's trainer.</summary>
internal static class PlanPipeline
{
    /// <exception cref="PipelineException">A stage does not fit the columns or the rows.</exception>
    public static FittedPipeline Fit(TrainingPlan plan, Row[] rows) =>
        FittedPipeline.Fit(PipelineMapping.ToSpec(plan.Pipeline) with { KeepsMissing = TakesMissing(plan) }, new RowSchema(plan.Columns), rows);

    public static TrainerShape Shape(TrainingPlan plan, FittedPipeline pipeline) =>
        new(new LearnerShape(pipeline.DenseCount, pipeline.HashBits, pipeline.HashedCount, plan.Classes), TakesMissing(plan) ? pipeline.DenseCategories : []);

    /// <summary>The trainer tells missing numbers and categories apart itself, as a program may: the pipeline leaves them as they are.</summary>
    private static bool TakesMissing(TrainingPlan plan) => plan.Trainer == CommandTrainer.Type || TrainerFactory.Find(plan.Trainer) is { TakesMissing: true };
}
