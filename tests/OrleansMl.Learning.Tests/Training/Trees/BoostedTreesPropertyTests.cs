using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Training;

public sealed class BoostedTreesPropertyTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(40).WithReplay(3, 17);

    private static readonly int[] s_mixed = [0, 0, 6];

    private static readonly Dictionary<string, object> s_small = new() { ["iterations"] = 8.0, ["minRowsPerLeaf"] = 2.0, ["maxLeaves"] = 8.0 };

    private static Gen<(int Seed, int Count, int Classes)> Cases { get; } =
        from seed in Gen.Choose(0, 1_000_000)
        from count in Gen.Choose(20, 300)
        from classes in Gen.Elements(0, 2, 3)
        select (seed, count, classes);

    [Fact]
    public void The_order_of_the_rows_changes_no_bit()
        => ForAll((drawn, rows) =>
        {
            var order = Enumerable.Range(0, rows.Count).ToArray();
            new Random(drawn.Seed).Shuffle(order);
            var (one, other) = (rows.Fit(drawn.Classes, s_small, s_mixed), rows.Take(order).Fit(drawn.Classes, s_small, s_mixed));
            Assert.Equal(one.Start.AsEnumerable(), other.Start);
            Assert.Equal(one.Nodes.AsEnumerable(), other.Nodes);
            Assert.Equal(one.CategorySets.AsEnumerable(), other.CategorySets);
        });

    [Fact]
    public void A_weight_of_2_is_a_row_twice()
        => ForAll((drawn, rows) =>
        {
            // Rows are counted, whatever they weigh: with a limit of one row both may split the same.
            var free = new Dictionary<string, object>(s_small) { ["minRowsPerLeaf"] = 1.0 };
            var twice = Enumerable.Range(0, rows.Count).SelectMany(row => row % 3 == 0 ? new[] { row, row } : [row]).ToArray();
            var weights = Enumerable.Range(0, rows.Count).Select(row => row % 3 == 0 ? 2.0 : 1).ToArray();
            var weighted = TreeRows.Of(rows.Dense, rows.Targets, weights).Fit(drawn.Classes, free);
            var (expected, actual) = (rows.Take(twice).Fit(drawn.Classes, free).PredictAll(rows), weighted.PredictAll(rows));
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-6);
        });

    [Fact]
    public void A_monotone_change_of_a_feature_keeps_the_tests_and_the_answers()
        => ForAll((drawn, rows) =>
        {
            static double Bent(double value) => (value * value * value) + (5 * value);
            var bent = TreeRows.Of([.. rows.Dense.Select((value, i) => i % 3 < 2 ? Bent(value) : value)], rows.Targets);
            var (one, other) = (rows.Fit(drawn.Classes, s_small, s_mixed), bent.Fit(drawn.Classes, s_small, s_mixed));
            Assert.Equal(one.Nodes.Select(node => (node.Feature, node.Left, node.MissingLeft, node.Value, node.Gain)), other.Nodes.Select(node => (node.Feature, node.Left, node.MissingLeft, node.Value, node.Gain)));
            Assert.Equal(one.PredictAll(rows), other.PredictAll(bent));
        });

    [Fact]
    public void Another_numbering_of_the_categories_keeps_the_answers()
        => ForAll((drawn, rows) =>
        {
            // Ties of gain may fall another way; so targets without ties: one split, and its gain.
            int[] renamed = [3, 5, 0, 1, 4, 2];
            var other = TreeRows.Of([.. rows.Dense.Select((value, i) => i % 3 == 2 ? renamed[(int)value] : value)], rows.Targets);
            var stump = new Dictionary<string, object>(s_small) { ["maxLeaves"] = 2.0, ["iterations"] = 1.0 };
            Assert.Equal(rows.Fit(drawn.Classes, stump, s_mixed).Importances.Sum(one => one.Gain), other.Fit(drawn.Classes, stump, s_mixed).Importances.Sum(one => one.Gain), 1e-9);
        });

    [Fact]
    public void Importances_sum_to_the_tests_and_gains_of_all_trees()
        => ForAll((drawn, rows) =>
        {
            var model = rows.Fit(drawn.Classes, s_small, s_mixed);
            var tests = model.Nodes.Where(node => !node.IsLeaf).ToArray();
            Assert.Equal(tests.Length, model.Importances.Sum(one => one.Splits));
            Assert.Equal(tests.Sum(node => node.Gain), model.Importances.Sum(one => one.Gain), 1e-9 * Math.Max(1, tests.Sum(node => node.Gain)));
            Assert.Equal(model.Nodes.Length, (2 * tests.Length) + model.Roots.Length);
        });

    [Fact]
    public void More_trees_never_raise_the_loss_on_the_rows_they_are_grown_on()
        => ForAll((drawn, rows) =>
        {
            if (drawn.Classes != 0)
                return;
            var losses = new[] { 1.0, 4, 16 }.Select(iterations => rows.Fit(0, new(s_small) { ["iterations"] = iterations }, s_mixed).PredictAll(rows)
                .Select((value, row) => (value - rows.Targets[row]) * (value - rows.Targets[row])).Average()).ToArray();
            Assert.True(losses[0] >= losses[1] - 1e-12 && losses[1] >= losses[2] - 1e-12, string.Join(", ", losses));
        });

    private static void ForAll(Action<(int Seed, int Count, int Classes), TrainingRows> check) => Check.One(
        s_config,
        Prop.ForAll(Cases.ToArbitrary(), drawn =>
        {
            var rows = TreeRows.Mixed(drawn.Count, drawn.Classes, drawn.Seed);
            if (drawn.Classes == 0 || rows.Targets.Distinct().Count() > 1)
                check(drawn, rows);
        }));
}
