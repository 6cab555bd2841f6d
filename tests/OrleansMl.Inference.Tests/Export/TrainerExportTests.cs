using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>What every trainer of batches fits, with every target, answers in ONNX Runtime as in C#, to 1e-5; learners in epochs are asked as learners.</summary>
public sealed class TrainerExportTests
{
    private static readonly PipelineSpec _columns = new(new ImputeSpec(ColumnSelector.Numeric, ImputeStrategy.Mean), new StandardScaleSpec(ColumnSelector.Numeric), new HashSpec(ColumnSelector.Categorical, 10));

    private static readonly PipelineSpec _numbers = new(new ImputeSpec(ColumnSelector.Numeric, ImputeStrategy.Mean));

    private static readonly PipelineSpec _ids = new(new HashSpec(ColumnSelector.All, 10));

    public static TheoryData<string, int> Trainers
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var kind in TrainerFactory.Kinds.Where(kind => LearnerFactory.Find(kind.Name) is null))
            {
                foreach (var classes in new[] { 0, 2, 3 }.Where(kind.Learns))
                    cases.Add(kind.Name, classes);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void A_fitted_model_gives_the_same_in_the_full_and_in_the_core_graph(string type, int classes)
    {
        var (ids, numbers) = (type == "matrix_factorization_als", type != "matrix_factorization_als");
        var hashed = type != "gradient_boosted_trees";
        if (numbers)
            new ExportCase(21, ["x", "y"], _numbers, type, classes: classes, batch: true).AssertParity();
        if (numbers && hashed)
            new ExportCase(22, ["x", "y", "t", "t2"], _columns, type, classes: classes, batch: true).AssertParity();
        if (ids || hashed)
            new ExportCase(23, ["t", "t2"], _ids, type, classes: classes, batch: true).AssertParity();
    }

    [Fact]
    public void Classes_keep_their_names()
        => new ExportCase(24, ["x", "t"], _columns, "linear_lbfgs", labels: ["low", "middle", "high"], classes: 3, batch: true).AssertParity();
}
