using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>Boosted trees answer in ONNX Runtime as in C#: they take the same branches, and what is left is the rounding of one sum to float32.</summary>
public sealed class BoostedTreesExportTests
{
    private static readonly PipelineSpec s_spec = new(new OrdinalSpec(ColumnSelector.Categorical)) { KeepsMissing = true };

    public static TheoryData<int, string> Targets => new() { { 0, "squared" }, { 0, "poisson" }, { 0, "absolute" }, { 2, "" }, { 4, "" } };

    [Theory]
    [MemberData(nameof(Targets))]
    public void Missing_values_and_categories_take_the_same_branches(int classes, string loss)
    {
        var trained = new TreesCase(1, s_spec, classes, loss.Length == 0 ? [] : new() { ["loss"] = loss });
        Assert.Contains(trained.Model.Nodes, node => node.Categories >= 0);
        Assert.Contains(trained.Model.Nodes, node => node is { IsLeaf: false, Categories: < 0, MissingLeft: true });
        Assert.Contains(trained.Model.Nodes, node => node is { IsLeaf: false, Categories: < 0, MissingLeft: false });
        trained.AssertParity();
    }

    [Fact]
    public void A_thousand_trees_do_not_drift_apart()
        => new TreesCase(2, s_spec, 2, new() { ["iterations"] = 1000.0, ["maxLeaves"] = 8.0, ["learningRate"] = 0.3 }).AssertParity();

    [Fact]
    public void Values_at_a_threshold_go_the_same_way()
    {
        var trained = new TreesCase(3, s_spec, 0, []);
        var edges = trained.Model.Nodes.Where(node => node is { IsLeaf: false, Categories: < 0 } && float.IsFinite(node.Threshold))
            .SelectMany(node => new[] { node.Threshold, MathF.BitIncrement(node.Threshold), MathF.BitDecrement(node.Threshold) }).Distinct().Take(60).ToArray();
        trained.AssertParity([.. edges.Select((edge, i) => new Row([edge, edges[^(i + 1)]], ["a", null]))]);
    }

    [Fact]
    public void Numbers_beyond_float32_go_the_same_way()
        => new TreesCase(4, s_spec, 2, []).AssertParity([new Row([1e300, -1e300], ["a", "b"]), new Row([double.PositiveInfinity, double.NegativeInfinity], ["a", ""]), new Row([-0.0, 0.1], ["never seen", "c"])]);

    [Fact]
    public void Without_missing_values_kept_they_are_0()
        => new TreesCase(5, new(new OneHotSpec(ColumnSelector.Categorical)), 2, []).AssertParity();

    [Fact]
    public void Class_labels_keep_their_names()
        => new TreesCase(6, s_spec, 4, [], ["a", "b", "c", "d"]).AssertParity();

    [Fact]
    public void Equal_models_are_equal_bytes()
    {
        var (one, other) = (new TreesCase(7, s_spec, 2, []), new TreesCase(7, s_spec, 2, []));
        Assert.Equal(one.Exported.Full, other.Exported.Full);
        Assert.Equal(one.Exported.Core, other.Exported.Core);
    }
}
