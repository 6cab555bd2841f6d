using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Hoeffding tree (Domingos and Hulten, 2000) with adaptive naive Bayes in the leaves (Gama, Rocha and Medas, 2003), as MOA
/// and River have it: numbers are told apart by normal densities, hashed features by place. A leaf is divided when the best
/// feature gains more than the second best by the Hoeffding bound, or the bound is under tau.
/// </summary>
internal sealed class HoeffdingTreeLearner : OnlineLearner
{
    public const string Name = "hoeffding_tree";

    /// <summary>A division leaves at least this share of the weight on either side.</summary>
    private const double LeastShare = 0.01;

    /// <summary>A leaf that one class holds by more than this share is not divided.</summary>
    private const double PureShare = 0.99;

    private readonly double _gracePeriod;
    private readonly double _delta;
    private readonly double _tau;
    private readonly int _maxDepth;
    private readonly int _maxLeaves;
    private readonly string _leafPrediction;
    private TreeNode _root;
    private int _leaves = 1;

    public HoeffdingTreeLearner(in LearnerShape shape, ParameterSet parameters, long seed)
        : base(Name, shape, parameters, seed)
    {
        _gracePeriod = parameters.Number("gracePeriod");
        _delta = parameters.Number("delta");
        _tau = parameters.Number("tau");
        _maxDepth = parameters.Integer("maxDepth");
        _maxLeaves = parameters.Integer("maxLeaves");
        _leafPrediction = parameters.Word("leafPrediction");
        _root = NewLeaf(new double[shape.Classes], 0);
    }

    public static ImmutableArray<LearnerParameter> Parameters { get; } =
    [
        LearnerParameter.Number("gracePeriod", 200, 1, 1e9, "weight that a leaf sees between two tries to divide it"),
        LearnerParameter.Number("delta", 1e-7, 0, 1, "chance of a wrong choice of the feature", openMin: true, openMax: true),
        LearnerParameter.Number("tau", 0.05, 0, 10, "with a bound under it the best feature wins a tie"),
        LearnerParameter.Integer("maxDepth", 20, 0, 60, "leaves that deep are not divided"),
        LearnerParameter.Integer("maxLeaves", 1000, 1, 100_000, "limit of the tree, and of its memory"),
        LearnerParameter.Word("leafPrediction", "adaptive", "majority: the leaf's shares; bayes: naive Bayes in the leaf; adaptive: what was right more often", "majority", "bayes", "adaptive"),
    ];

    /// <summary>Leaves now.</summary>
    public int Leaves => _leaves;

    public override HoeffdingTreeModel Snapshot() => HoeffdingTreeModel.Of(_root, Shape, UsesBayes);

    internal override void CheckShape(in FeatureSpan x)
    {
        base.CheckShape(x);
        RowCheck.HashedCount(x, Shape.HashedCount);
    }

    protected override double PredictScalar(in FeatureSpan x)
    {
        Span<double> probabilities = stackalloc double[2];
        PredictClasses(x, probabilities);
        return probabilities[1];
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        var leaf = FindLeaf(x, out _);
        if (!UsesBayes(leaf) || !leaf.Bayes(x, probabilities))
            leaf.Majority(probabilities);
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        var leaf = FindLeaf(x, out var parent);
        leaf.Learn(x, (int)label, weight, _leafPrediction == "adaptive");
        if (!leaf.Observes)
            return;
        if (leaf.Depth >= _maxDepth || _leaves >= _maxLeaves)
        {
            // It will never be divided. Naive Bayes goes on with what it observed; a majority needs none of it.
            if (_leafPrediction == "majority")
                leaf.Rest();
            return;
        }

        var total = leaf.TotalWeight;
        if (total - leaf.LastAttempt < _gracePeriod)
            return;
        TryDivide(leaf, parent);
        leaf.LastAttempt = total;
    }

    protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_leaves);
        Write(writer, _root);
    }

    protected override void ReadState(BinaryReader reader)
    {
        _leaves = reader.ReadInt32();
        _root = Read(reader);
    }

    private bool UsesBayes(LeafNode leaf) => leaf.Observes && _leafPrediction switch
    {
        "majority" => false,
        "bayes" => true,
        _ => leaf.BayesRight >= leaf.MajorityRight,
    };

    private LeafNode NewLeaf(double[] weights, int depth) => new(Shape.DenseCount, Shape.HashedCount, weights, depth, observes: true);

    private LeafNode FindLeaf(in FeatureSpan x, out SplitNode? parent)
    {
        parent = null;
        var node = _root;
        while (node is SplitNode split)
        {
            parent = split;
            node = split.Test.GoesLeft(x) ? split.Left : split.Right;
        }

        return (LeafNode)node;
    }

    private void TryDivide(LeafNode leaf, SplitNode? parent)
    {
        var seen = leaf.Weights.Count(weight => weight > 0);
        if (seen < 2)
            return;
        var total = leaf.TotalWeight;
        if (leaf.Weights.Max() / total > PureShare)
        {
            leaf.Observe();
            return;
        }

        var (best, second) = (SplitCandidate.None, SplitCandidate.None);
        foreach (var candidate in SplitCandidate.Of(leaf, Shape.DenseCount, LeastShare))
        {
            // The later of two equals wins, as a stable ascending sort would have it.
            if (candidate.Merit >= best.Merit)
                (second, best) = (best, candidate);
            else if (candidate.Merit >= second.Merit)
                second = candidate;
        }

        var bound = Math.Sqrt(SplitMerit.Range(leaf.Weights) * SplitMerit.Range(leaf.Weights) * Math.Log(1 / _delta) / (2 * total));
        if (!(best.Merit - second.Merit > bound) && !(bound < _tau))
            return;
        if (best.Test is not { } test)
        {
            // No feature divides it: what was observed is forgotten, and the leaf looks anew.
            leaf.Observe();
            return;
        }

        var division = new SplitNode(test, NewLeaf(best.Left, leaf.Depth + 1), NewLeaf(best.Right, leaf.Depth + 1));
        _leaves++;
        if (parent is null)
            _root = division;
        else if (ReferenceEquals(parent.Left, leaf))
            parent.Left = division;
        else
            parent.Right = division;
    }

    private static void Write(BinaryWriter writer, TreeNode node)
    {
        if (node is LeafNode leaf)
        {
            writer.Write(false);
            leaf.Write(writer);
            return;
        }

        var split = (SplitNode)node;
        writer.Write(true);
        writer.Write(split.Test.Feature);
        writer.Write(split.Test.IsHashed);
        writer.Write(split.Test.Value);
        Write(writer, split.Left);
        Write(writer, split.Right);
    }

    private TreeNode Read(BinaryReader reader) => reader.ReadBoolean()
        ? new SplitNode(new TreeTest(reader.ReadInt32(), reader.ReadBoolean(), reader.ReadDouble()), Read(reader), Read(reader))
        : LeafNode.Read(reader, Shape.DenseCount, Shape.HashedCount, Classes);
}
