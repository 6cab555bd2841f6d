using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
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
    /// <summary>Cells of a confusion matrix that are named, at most.</summary>
    private const int MaxCells = 1000;

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
        if (model.AnswerWidth > 1)
        {
            AddOfClasses(figures, rows, version, versions, slice, cancellationToken);
            return;
        }

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

    /// <summary>The same of more than two classes.</summary>
    private void AddOfClasses(List<EvaluationFigure> figures, List<EvaluatedRow> rows, int? version, ImmutableArray<int> versions, EvaluationSlice? slice, CancellationToken cancellationToken)
    {
        var classes = model.Target!.ClassCount();
        var labels = rows.ConvertAll(row => row.Label).ToArray();
        if (versions.IsEmpty)
            Add(version, null, row => row.Answers![0]);
        for (var i = 0; i < versions.Length; i++)
        {
            var place = i;
            Add(versions[i], null, row => row.Answers![place]);
        }

        Add(version, "noChange", row => ClassAnswer.Certain(row.Baselines.NoChange, row.Label));
        Add(version, "prior", row => row.Baselines.ClassPrior);
        Add(version, "majority", row => ClassAnswer.Certain(row.Baselines.Majority, row.Label));

        void Add(int? of, string? baseline, Converter<EvaluatedRow, ClassAnswer> answer)
        {
            var answers = rows.ConvertAll(answer).ToArray();
            foreach (var metric in metrics.Where(m => !m.IsRanked))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (value, interval) = ClassFigures.Compute(metric.Kind, answers, labels, classes, seed);
                figures.Add(Figure(of, baseline, metric.Name, value, interval, rows.Count, slice));
            }
        }
    }

    /// <summary>Of more than two classes: what each version took for what, over all rows; else empty.</summary>
    /// <param name="rows">With their truths.</param>
    /// <param name="versions">As in <see cref="Compute(List{EvaluatedRow}, ImmutableArray{int}, CancellationToken)"/>.</param>
    public IEnumerable<EvaluationConfusion> Confusions(List<EvaluatedRow> rows, ImmutableArray<int> versions)
    {
        if (model.AnswerWidth == 1 || rows.Count == 0)
            return [];
        return versions.IsEmpty
            ? rows.GroupBy(row => row.Version).OrderBy(group => group.Key).Select(group => Confusion(group.Key, group, 0))
            : versions.Select((version, place) => Confusion(version, rows, place));
    }

    private EvaluationConfusion Confusion(int version, IEnumerable<EvaluatedRow> rows, int place)
    {
        var target = model.Target!;
        var cells = rows.GroupBy(row => (Actual: (int)row.Label, Predicted: row.Answers![place].Class))
            .Select(cell => (cell.Key.Actual, cell.Key.Predicted, Count: (long)cell.Count()))
            .OrderByDescending(cell => cell.Count).ThenBy(cell => cell.Actual).ThenBy(cell => cell.Predicted).ToList();
        return new EvaluationConfusion(
            version,
            [.. cells.Take(MaxCells).Select(cell => new ConfusionCell(target.ClassName(cell.Actual), target.ClassName(cell.Predicted), cell.Count))],
            cells.Skip(MaxCells).Sum(cell => cell.Count));
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
