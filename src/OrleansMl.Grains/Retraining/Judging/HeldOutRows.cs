using OrleansMl.Evaluations;
using OrleansMl.Learning;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>The rows that a candidate is judged on: those of the split's test, of many a uniform sample, with what the baselines said of them.</summary>
internal sealed class HeldOutRows
{
    private HeldOutRows(RowSplit split, List<int> places, LabelledRow[] rows, BaselinePredictions[] baselines) => (Split, Places, Rows, Baselines) = (split, places, rows, baselines);

    public RowSplit Split { get; }

    /// <summary>Of each row, its place among the rows of the test.</summary>
    public List<int> Places { get; }

    public LabelledRow[] Rows { get; }

    public BaselinePredictions[] Baselines { get; }

    /// <summary>Reads them out of the file that the work reads too.</summary>
    public static HeldOutRows Read(RetrainPlan plan, RowsFile file, IDatasetStore datasets)
    {
        // Twice through the file: first the order, which takes little memory, then the rows that count.
        var count = file.Profile.Rows;
        var (made, known, labels) = (new DateTime[count], new DateTime[count], new double[count]);
        var place = 0;
        foreach (var row in ReadAll())
            (made[place], known[place], labels[place++]) = (row.Made, row.Known, row.Label);
        var split = RowSplit.Of(plan.Parameters.Split, made, plan.Seed);
        var sample = new Sample<int>(EvaluationRun.Capacity, plan.Seed);
        for (var i = 0; i < split.Test.Length; i++)
            sample.Add(i);
        sample.Items.Sort();

        var at = new Dictionary<int, int>(sample.Items.Count);
        foreach (var (index, test) in sample.Items.Index())
            at.Add(split.Test[test], index);
        var baselines = new BaselinePredictions[sample.Items.Count];
        var timeline = new BaselineTimeline(plan.Classes);
        foreach (var row in Enumerable.Range(0, count).OrderBy(row => made[row]).ThenBy(row => row))
        {
            var said = timeline.Next(made[row], known[row], labels[row]);
            if (at.TryGetValue(row, out var index))
                baselines[index] = said;
        }

        var rows = new LabelledRow[sample.Items.Count];
        place = 0;
        foreach (var row in ReadAll())
        {
            if (at.TryGetValue(place++, out var index))
                rows[index] = row;
        }

        return new HeldOutRows(split, sample.Items, rows, baselines);

        IEnumerable<LabelledRow> ReadAll()
        {
            using var reader = new RowsReader(datasets.OpenScratch(file.File), plan.Model.Schema);
            foreach (var row in reader.ReadAll())
                yield return row;
        }
    }
}
