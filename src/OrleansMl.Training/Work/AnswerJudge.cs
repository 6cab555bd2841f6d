using System.Text.Json;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>Figures of several columns of answers to the same rows, each with its interval.</summary>
internal sealed class AnswerJudge(JudgePlan plan, TextWriter output)
{
    public void Write(NumberTable answers, string file, CancellationToken cancellationToken)
    {
        var labels = answers[JudgePlan.Label];
        var figures = new List<JudgedFigure>();
        string[] columns = plan.Classes > 2 ? [.. answers.AnswerNames()] : [.. answers.Names.Where(name => name != JudgePlan.Label)];
        foreach (var column in columns)
        {
            foreach (var metric in plan.Metrics)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (value, interval) = plan.Classes > 2
                    ? ClassFigures.Compute(metric, answers.Answers(column), labels, plan.Classes, plan.Seed)
                    : MetricFigures.Compute(metric, answers[column], labels, plan.Threshold, plan.Seed);
                figures.Add(new JudgedFigure(column, metric, Finite(value), Finite(interval?.Lower), Finite(interval?.Upper)));
                output.WriteLine(WorkWords.Progress((double)figures.Count / (columns.Length * plan.Metrics.Length)));
            }

            output.Flush();
        }

        File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(figures));
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
