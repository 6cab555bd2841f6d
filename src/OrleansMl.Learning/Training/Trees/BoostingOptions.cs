using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Parameters of gradient-boosted trees.</summary>
internal sealed record BoostingOptions
{
    public const string Squared = "squared";
    public const string Absolute = "absolute";
    public const string Poisson = "poisson";

    public required int Iterations { get; init; }

    public required double LearningRate { get; init; }

    public required int MaxLeaves { get; init; }

    /// <summary>0: no limit.</summary>
    public required int MaxDepth { get; init; }

    public required int MinRowsPerLeaf { get; init; }

    public required double MinHessianPerLeaf { get; init; }

    public required double MinGain { get; init; }

    public required double L2 { get; init; }

    public required int MaxBins { get; init; }

    public required double RowFraction { get; init; }

    public required double FeatureFraction { get; init; }

    /// <summary>0: never stops early.</summary>
    public required int Patience { get; init; }

    public required double Tolerance { get; init; }

    /// <summary>Of a value: squared, absolute or poisson.</summary>
    public required string Loss { get; init; }

    /// <summary>Each class weighs the same in all.</summary>
    public required bool IsBalanced { get; init; }

    public static ImmutableArray<LearnerParameter> Parameters(int classes) =>
    [
        LearnerParameter.Integer("iterations", 100, 1, 10_000, "trees, of more than two classes trees for each class"),
        LearnerParameter.Number("learningRate", 0.1, 0, 1, "share of each tree's step that is taken", openMin: true),
        LearnerParameter.Integer("maxLeaves", 31, 2, 1024, "leaves of a tree"),
        LearnerParameter.Integer("maxDepth", 0, 0, 64, "tests above a leaf; 0: no limit"),
        LearnerParameter.Integer("minRowsPerLeaf", 20, 1, 1_000_000, "a split leaves at least so many rows on each side, whatever they weigh"),
        LearnerParameter.Number("minHessianPerLeaf", 1e-3, 0, 1e9, "least sum of second derivatives on each side"),
        LearnerParameter.Number("minGain", 0, 0, 1e12, "a split must lessen the loss by more"),
        LearnerParameter.Number("l2", 0, 0, 1e6, "penalty on the values of leaves"),
        LearnerParameter.Integer("maxBins", FeatureBins.MostBins, 2, FeatureBins.MostBins, "bins of a feature, missing values apart"),
        LearnerParameter.Number("rowFraction", 1, 0, 1, "share of the rows that a tree is grown on, drawn anew for each iteration", openMin: true),
        LearnerParameter.Number("featureFraction", 1, 0, 1, "share of the features that a tree may test", openMin: true),
        LearnerParameter.Integer("patience", 10, 0, 1000, "stops after so many iterations without a better loss on the validation rows, and keeps the best; 0: never"),
        LearnerParameter.Number("tolerance", 1e-7, 0, 1, "a loss is better when it is less by more than this"),
        classes == 0
            ? LearnerParameter.Word("loss", Squared, "of a value: squared and absolute errors, or the Poisson deviance of counts", Squared, Absolute, Poisson)
            : ClassWeights.Parameter,
    ];

    public static BoostingOptions From(ParameterSet parameters, int classes) => new()
    {
        Iterations = parameters.Integer("iterations"),
        LearningRate = parameters.Number("learningRate"),
        MaxLeaves = parameters.Integer("maxLeaves"),
        MaxDepth = parameters.Integer("maxDepth"),
        MinRowsPerLeaf = parameters.Integer("minRowsPerLeaf"),
        MinHessianPerLeaf = parameters.Number("minHessianPerLeaf"),
        MinGain = parameters.Number("minGain"),
        L2 = parameters.Number("l2"),
        MaxBins = parameters.Integer("maxBins"),
        RowFraction = parameters.Number("rowFraction"),
        FeatureFraction = parameters.Number("featureFraction"),
        Patience = parameters.Integer("patience"),
        Tolerance = parameters.Number("tolerance"),
        Loss = classes == 0 ? parameters.Word("loss") : "",
        IsBalanced = classes > 0 && parameters.Word(ClassWeights.Parameter.Name) == ClassWeights.Balanced,
    };
}
