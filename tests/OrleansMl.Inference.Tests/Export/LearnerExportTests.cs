using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>Every learner, with every target that it learns, answers in ONNX Runtime as in C#, to 1e-5.</summary>
public sealed class LearnerExportTests
{
    private static readonly PipelineSpec _columns = new(new ImputeSpec(ColumnSelector.Numeric, ImputeStrategy.Mean), new StandardScaleSpec(ColumnSelector.Numeric), new HashSpec(ColumnSelector.Categorical, 10));

    private static readonly PipelineSpec _numbers = new(new ImputeSpec(ColumnSelector.Numeric, ImputeStrategy.Mean));

    private static readonly PipelineSpec _ids = new(new HashSpec(ColumnSelector.All, 10));

    public static TheoryData<string, int> Learners
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var kind in LearnerFactory.Kinds)
            {
                foreach (var classes in new[] { 0, 2, 3 }.Where(kind.Learns))
                    cases.Add(kind.Name, classes);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void A_learner_gives_the_same_in_the_full_and_in_the_core_graph(string type, int classes)
    {
        if (type == "matrix_factorization")
        {
            new ExportCase(5, ["t", "t2"], _ids, type, classes: classes).AssertParity();
            return;
        }

        if (type == "head")
        {
            new ExportCase(6, ["x", "y"], _numbers, type, classes: classes, parameters: Parameters(type, classes)).AssertParity();
            return;
        }

        new ExportCase(5, ["x", "y", "t", "t2"], _columns, type, classes: classes, parameters: Parameters(type, classes)).AssertParity();
        new ExportCase(6, ["x", "y"], _numbers, type, classes: classes, parameters: Parameters(type, classes)).AssertParity();
        new ExportCase(7, ["t", "t2"], _ids, type, classes: classes, parameters: Parameters(type, classes)).AssertParity();
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("naive_bayes")]
    public void Classes_keep_their_names(string type)
        => new ExportCase(8, ["x", "t"], _columns, type, labels: ["low", "middle", "high"], classes: 3).AssertParity();

    [Theory]
    [InlineData("majority")]
    [InlineData("bayes")]
    [InlineData("adaptive")]
    public void A_tree_of_many_leaves_gives_the_same(string prediction)
        => new ExportCase(9, ["x", "y", "t"], _columns, "hoeffding_tree", classes: 3, parameters: new() { ["gracePeriod"] = 10.0, ["tau"] = 5.0, ["leafPrediction"] = prediction }).AssertParity();

    [Fact]
    public void Bagged_members_of_any_type_give_the_same()
    {
        foreach (var member in LearnerFactory.Kinds.Where(kind => kind.Learns(2) && kind.Name is not ("bagging" or "head" or "matrix_factorization")))
            new ExportCase(10, ["x", "t"], _columns, "bagging", parameters: new() { ["base"] = member.Name, ["models"] = 3.0 }).AssertParity();
    }

    [Fact]
    public void A_number_of_labels_that_is_not_that_of_the_classes_is_refused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new ExportCase(11, ["x"], _numbers, "softmax", labels: ["a", "b"], classes: 3));
        Assert.Contains("3 classes", refusal.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, object>? Parameters(string type, int classes) => type switch
    {
        "hoeffding_tree" => new() { ["gracePeriod"] = 20.0, ["tau"] = 1.0 },
        "bagging" => new() { ["base"] = classes == 0 ? "factorization_machine" : "hoeffding_tree", ["models"] = 4.0 },
        _ => null,
    };
}
