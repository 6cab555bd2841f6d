using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Learning;
using OrleansMl.Trainers;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>
/// A candidate beside the champion on rows that neither learned from, by the loss and the slices that the model declares. The rows
/// are looked at once, so that the test is that of a fixed sample; of several slices each has its share of the level.
/// </summary>
internal sealed class HeldOutComparison(CompiledModel model)
{
    /// <summary>Slices that are followed, at most; the commonest.</summary>
    private const int MaxSlices = 50;

    private readonly string _metric = ChampionComparison.MetricOf(model);
    private readonly double _alpha = HeldOutTest.AlphaOf(model.Definition.Promotion);

    /// <summary>Compares.</summary>
    /// <param name="rows">At least two.</param>
    /// <param name="champion">Its answers.</param>
    /// <param name="candidate">Its answers.</param>
    public (PromotionEvidence Evidence, string? WorseSlice) Compare(LabelledRow[] rows, double[] champion, double[] candidate) =>
        Compare(rows, i => ChampionComparison.Loss(_metric, champion[i], rows[i].Label) - ChampionComparison.Loss(_metric, candidate[i], rows[i].Label));

    /// <summary>The same of more than two classes.</summary>
    public (PromotionEvidence Evidence, string? WorseSlice) Compare(LabelledRow[] rows, ClassAnswer[] champion, ClassAnswer[] candidate) =>
        Compare(rows, i => ChampionComparison.Loss(_metric, champion[i], rows[i].Label) - ChampionComparison.Loss(_metric, candidate[i], rows[i].Label));

    private (PromotionEvidence Evidence, string? WorseSlice) Compare(LabelledRow[] rows, Func<int, double> difference)
    {
        var differences = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            differences[i] = difference(i);
        var (slices, dropped) = Slices(rows, differences);
        var evidence = HeldOutTest.Of(_metric, differences, _alpha) with { Slices = slices, DroppedSlices = dropped };
        return (evidence, slices.FirstOrDefault(slice => slice.Verdict == "worse")?.Slice);
    }

    private (ImmutableArray<SliceEvidence> Slices, ImmutableArray<string> Dropped) Slices(LabelledRow[] rows, double[] differences)
    {
        var names = new SliceNames(model.Definition.Promotion?.Slices ?? []);
        if (names.Count == 0)
            return ([], []);
        var bySlice = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var found = new string[names.Count];
        ImmutableArray<string> columns = [.. model.Schema.Columns.Select(column => column.Name)];
        for (var i = 0; i < rows.Length; i++)
        {
            names.Fill(columns, RowVectors.Of(model, rows[i].Row), found);
            foreach (var name in found)
            {
                if (!bySlice.TryGetValue(name, out var list))
                    bySlice.Add(name, list = []);
                list.Add(differences[i]);
            }
        }

        var ordered = bySlice.Where(slice => slice.Value.Count > 1).OrderByDescending(slice => slice.Value.Count).ThenBy(slice => slice.Key, StringComparer.Ordinal).ToList();
        var kept = ordered.Take(MaxSlices).ToList();
        return ([.. kept.Select(slice => Evidence(slice.Key, [.. slice.Value], _alpha / kept.Count))], [.. ordered.Skip(MaxSlices).Select(slice => slice.Key)]);
    }

    private static SliceEvidence Evidence(string name, double[] differences, double alpha)
    {
        var interval = PairedDifference.Interval(differences, 1 - alpha);
        return new SliceEvidence(name, differences.Length, interval.Estimate, interval.Lower, interval.Upper, interval.Upper < 0 ? "worse" : interval.Lower > 0 ? "better" : "open");
    }
}
