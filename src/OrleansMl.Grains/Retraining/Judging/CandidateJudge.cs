using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Models;
using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Trainers;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>
/// Judges a candidate on the rows of the test: its calibrated answers beside the champion's and the baselines'. The champion answers
/// here, as it does for an evaluation; the figures with their intervals are made by the process of the work.
/// </summary>
internal sealed class CandidateJudge(RetrainPlan plan, IJobContext context, IDatasetStore datasets, VersionScorer scorer)
{
    public const string Candidate = "candidate";
    public const string Champion = "champion";

    /// <summary>Vectors that are scored at once.</summary>
    private const int PageRows = 500;

    /// <summary>The calibration of the candidate, fitted on the rows of the validation.</summary>
    public CalibratedSteps Calibrate(string folder)
    {
        var pairs = new CalibrationPairs();
        var validation = NumberTable.Read(Path.Combine(folder, TrainingWork.ValidationFile));
        for (var i = 0; i < validation.Count; i++)
            pairs.Add(validation[TrainingWork.ScoreColumn][i], validation[TrainingWork.LabelColumn][i]);
        return LearnedVersion.Calibrate(plan.Model, pairs);
    }

    /// <summary>Compares; what is asked of the work lies in its folder afterwards, and the figures are still to come.</summary>
    /// <param name="folder">Of the work, whose training is done.</param>
    /// <param name="file">The rows.</param>
    /// <param name="champion">The champion of now; null: there is none.</param>
    public async Task<HeldOutResult> CompareAsync(string folder, RowsFile file, int? champion)
    {
        var rows = HeldOutRows.Read(plan, file, datasets);
        var steps = Calibrate(folder);
        var postprocessor = new Postprocessor(steps.Steps);
        var scores = NumberTable.Read(Path.Combine(folder, TrainingWork.TestFile))[TrainingWork.ScoreColumn];
        double[] candidate = [.. rows.Places.Select(place => postprocessor.Calibrate(scores[place]))];
        var (others, whyNot) = champion is { } version ? await ScoreAsync(rows, version) : (null, null);

        var answers = new NumberTable().With(JudgePlan.Label, Array.ConvertAll(rows.Rows, row => row.Label)).With(Candidate, candidate);
        if (others is not null)
            answers.With(Champion, others);
        answers.With("noChange", Array.ConvertAll(rows.Baselines, said => said.NoChange))
            .With("prior", Array.ConvertAll(rows.Baselines, said => said.Prior))
            .With("majority", Array.ConvertAll(rows.Baselines, said => said.Majority))
            .Write(Path.Combine(folder, JudgePlan.AnswersFile));
        var metrics = MetricSpec.Fitting(plan.Model).Where(metric => !metric.IsRanked).Select(metric => metric.Kind);
        new JudgePlan([.. metrics], postprocessor.Threshold, plan.Seed).Write(folder);

        var (evidence, worse) = others is not null && rows.Rows.Length > 1 ? new HeldOutComparison(plan.Model).Compare(rows.Rows, others, candidate) : (null, null);
        var split = rows.Split;
        return new HeldOutResult(
            others is null ? null : champion, evidence, worse, whyNot, steps.Summary, split.Train.Length, split.Validation.Length, split.Test.Length, []);
    }

    private async Task<(double[]? Scores, string? WhyNot)> ScoreAsync(HeldOutRows rows, int version)
    {
        var calibrations = new Calibrations(scorer, plan.Model.Name);
        var scores = new double[rows.Rows.Length];
        for (var from = 0; from < scores.Length; from += PageRows)
        {
            ImmutableArray<Scalar>[] page = [.. rows.Rows.Skip(from).Take(PageRows).Select(row => RowVectors.Of(plan.Model, row.Row))];
            if (!(await scorer.ScoreAsync(plan.Model, version, page, context.Cancellation)).TryGet(out var answered, out var error))
            {
                // What passes by itself is tried again with the attempt; a champion that cannot take the rows never will.
                return error.Status == 503
                    ? throw new TimeoutException($"Version {version} cannot answer now: {error.Detail}")
                    : (null, string.Create(CultureInfo.InvariantCulture, $"version {version} does not answer the rows of the test ({error.Detail})"));
            }

            for (var i = 0; i < answered.Length; i++)
                scores[from + i] = await calibrations.ApplyAsync(version, answered[i], context.Cancellation);
        }

        return (scores, null);
    }
}
