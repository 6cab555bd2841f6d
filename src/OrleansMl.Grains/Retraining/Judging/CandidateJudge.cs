using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Learning;
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

    private const string NoChange = "noChange";
    private const string Prior = "prior";
    private const string Majority = "majority";

    /// <summary>Vectors that are scored at once.</summary>
    private const int PageRows = 500;

    /// <summary>The calibration of the candidate, fitted on the rows of the validation.</summary>
    public CalibratedSteps Calibrate(string folder)
    {
        var pairs = new CalibrationPairs();
        if (plan.Classes > 2)
            return LearnedVersion.Calibrate(plan.Model, pairs);
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
        var test = NumberTable.Read(Path.Combine(folder, TrainingWork.TestFile));
        var (others, whyNot) = champion is { } version ? await ScoreAsync(rows, version) : (null, null);
        var answers = new NumberTable().With(JudgePlan.Label, Array.ConvertAll(rows.Rows, row => row.Label));
        var compared = plan.Classes > 2 ? CompareClasses(rows, test, others?.OfClasses, answers) : CompareScores(rows, test, others?.Scores, answers, postprocessor);
        answers.Write(Path.Combine(folder, JudgePlan.AnswersFile));
        var metrics = MetricSpec.Fitting(plan.Model).Where(metric => !metric.IsRanked).Select(metric => metric.Kind);
        new JudgePlan([.. metrics], postprocessor.Threshold, plan.Seed) { Classes = plan.Classes }.Write(folder);

        var (evidence, worse) = compared;
        var split = rows.Split;
        return new HeldOutResult(
            others is null ? null : champion, evidence, worse, whyNot, steps.Summary, split.Train.Length, split.Validation.Length, split.Test.Length, []);
    }

    /// <summary>Answers of one score each go into the table of what is judged.</summary>
    private (PromotionEvidence? Evidence, string? WorseSlice) CompareScores(HeldOutRows rows, NumberTable test, double[]? champion, NumberTable answers, Postprocessor postprocessor)
    {
        var scores = test[TrainingWork.ScoreColumn];
        double[] candidate = [.. rows.Places.Select(place => postprocessor.Calibrate(scores[place]))];
        answers.With(Candidate, candidate);
        if (champion is not null)
            answers.With(Champion, champion);
        answers.With(NoChange, Array.ConvertAll(rows.Baselines, said => said.NoChange))
            .With(Prior, Array.ConvertAll(rows.Baselines, said => said.Prior))
            .With(Majority, Array.ConvertAll(rows.Baselines, said => said.Majority));
        return champion is not null && rows.Rows.Length > 1 ? new HeldOutComparison(plan.Model).Compare(rows.Rows, champion, candidate) : (null, null);
    }

    /// <summary>The same of more than two classes, a probability for each.</summary>
    private (PromotionEvidence? Evidence, string? WorseSlice) CompareClasses(HeldOutRows rows, NumberTable test, ClassAnswer[]? champion, NumberTable answers)
    {
        var all = test.Answers(TrainingWork.ScoreColumn);
        ClassAnswer[] candidate = [.. rows.Places.Select(place => all[place])];
        answers.With(Candidate, candidate);
        if (champion is not null)
            answers.With(Champion, champion);
        answers.With(NoChange, Judged(row => ClassAnswer.Certain(rows.Baselines[row].NoChange, rows.Rows[row].Label)))
            .With(Prior, Judged(row => rows.Baselines[row].ClassPrior))
            .With(Majority, Judged(row => ClassAnswer.Certain(rows.Baselines[row].Majority, rows.Rows[row].Label)));
        return champion is not null && rows.Rows.Length > 1 ? new HeldOutComparison(plan.Model).Compare(rows.Rows, champion, candidate) : (null, null);

        ClassAnswer[] Judged(Func<int, ClassAnswer> answer) => [.. Enumerable.Range(0, rows.Rows.Length).Select(answer)];
    }

    private async Task<(ChampionAnswers? Answers, string? WhyNot)> ScoreAsync(HeldOutRows rows, int version)
    {
        var calibrations = new Calibrations(scorer, plan.Model.Name);
        var (count, width) = (rows.Rows.Length, plan.Model.AnswerWidth);
        var answers = new ChampionAnswers(new double[width == 1 ? count : 0], new ClassAnswer[width == 1 ? 0 : count]);
        for (var from = 0; from < count; from += PageRows)
        {
            ImmutableArray<Scalar>[] page = [.. rows.Rows.Skip(from).Take(PageRows).Select(row => RowVectors.Of(plan.Model, row.Row))];
            if (!(await scorer.ScoreAsync(plan.Model, version, page, context.Cancellation)).TryGet(out var answered, out var error))
            {
                // What passes by itself is tried again with the attempt; a champion that cannot take the rows never will.
                return error.Status == 503
                    ? throw new TimeoutException($"Version {version} cannot answer now: {error.Detail}")
                    : (null, string.Create(CultureInfo.InvariantCulture, $"version {version} does not answer the rows of the test ({error.Detail})"));
            }

            for (var i = 0; i < page.Length; i++)
            {
                if (width == 1)
                    answers.Scores[from + i] = await calibrations.ApplyAsync(version, answered[i], context.Cancellation);
                else
                    answers.OfClasses[from + i] = ClassAnswer.Of(answered.AsSpan(i * width, width), rows.Rows[from + i].Label);
            }
        }

        return (answers, null);
    }

    /// <param name="Scores">Calibrated; empty with more than two classes.</param>
    /// <param name="OfClasses">Of more than two classes; else empty.</param>
    private sealed record ChampionAnswers(double[] Scores, ClassAnswer[] OfClasses);
}
