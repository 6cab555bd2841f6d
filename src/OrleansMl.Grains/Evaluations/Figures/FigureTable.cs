using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Learning;
using OrleansMl.Predictions;

namespace OrleansMl.Evaluations;

/// <summary>All figures of evaluated rows: each metric of each predictor and of the baselines on the same rows, over all and by slice.</summary>
/// <param name="model">Whose rows they are.</param>
/// <param name="metrics">Metrics of ranked answers are passed over.</param>
/// <param name="slices">Columns, in the order of the rows' slices.</param>
/// <param name="seed">Of the bootstraps.</param>
internal sealed class FigureTable(CompiledModel model, ImmutableArray<MetricSpec> metrics, ImmutableArray<SliceSpec> slices, long seed)
{
    private readonly double _threshold = new Postprocessor(model.Definition.Postprocess).Threshold;

    /// <param name="rows">With their truths.</param>
    /// <param name="versions">Those that each row has a score of; empty: each row has that of who answered.</param>
    /// <param name="cancellationToken">Looked at between two figures.</param>
    public List<EvaluationFigure> Compute(List<EvaluatedRow> rows, ImmutableArray<int> versions, CancellationToken cancellationToken)
    {
        var figures = new List<EvaluationFigure>();
        AddAll(figures, rows, null, versions, cancellationToken);
        if (!versions.IsEmpty)
            return figures;
        foreach (var group in rows.GroupBy(row => row.Version).OrderBy(group => group.Key))
            AddAll(figures, [.. group], group.Key, [], cancellationToken);
        return figures;
    }

    private void AddAll(List<EvaluationFigure> figures, List<EvaluatedRow> rows, int? version, ImmutableArray<int> versions, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
            return;
        Add(figures, rows, version, versions, null, cancellationToken);
        for (var i = 0; i < slices.Length; i++)
        {
            var column = model.Definition.Columns.First(c => c.Name == slices[i].Column);
            foreach (var (slice, part) in SliceTable.Split(column, slices[i], rows, i))
                Add(figures, part, version, versions, slice, cancellationToken);
        }
    }

    private void Add(List<EvaluationFigure> figures, List<EvaluatedRow> rows, int? version, ImmutableArray<int> versions, EvaluationSlice? slice, CancellationToken cancellationToken)
    {
        var labels = rows.ConvertAll(row => row.Label).ToArray();
        if (versions.IsEmpty)
            Add(version, null, row => row.Scores[0]);
        for (var i = 0; i < versions.Length; i++)
        {
            var place = i;
            Add(versions[i], null, row => row.Scores[place]);
        }

        Add(version, "noChange", row => row.Baselines.NoChange);
        Add(version, "prior", row => row.Baselines.Prior);
        Add(version, "majority", row => row.Baselines.Majority);

        void Add(int? of, string? baseline, Converter<EvaluatedRow, double> score)
        {
            var scores = rows.ConvertAll(score).ToArray();
            foreach (var metric in metrics.Where(m => !m.IsRanked))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (value, interval) = MetricFigures.Compute(metric.Kind, scores, labels, _threshold, seed);
                figures.Add(Figure(of, baseline, metric.Name, value, interval, rows.Count, slice));
            }
        }
    }

    /// <summary>Of ranked answers, as they were shown.</summary>
    public List<EvaluationFigure> Compute(IReadOnlyList<double[]> answers)
    {
        var figures = new List<EvaluationFigure>();
        foreach (var metric in metrics.Where(m => m.IsRanked))
        {
            var values = RankedAnswers.Figures(answers, metric);
            var (value, interval) = MetricFigures.Mean(values, seed);
            figures.Add(Figure(null, null, metric.Name, value, interval, values.Length, null));
        }

        return figures;
    }

    private static EvaluationFigure Figure(int? version, string? baseline, string metric, double value, ConfidenceInterval? interval, int count, EvaluationSlice? slice) =>
        new(version, baseline, metric, double.IsFinite(value) ? value : null, interval?.Lower, interval?.Upper, count, slice);
}
