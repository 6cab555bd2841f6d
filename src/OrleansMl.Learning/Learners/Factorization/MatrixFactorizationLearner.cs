using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Biased matrix factorization (Koren, Bell and Volinsky, 2009), learned online: μ + bᵤ + bᵢ + ⟨pᵤ, qᵢ⟩ for a value; for two
/// classes that is the logit. The first hashed column is the user, the second the item. Somebody or something not met
/// before has bias 0 and no factors: the answer then is what is known of the other one, at last μ alone. For a value μ is
/// the mean of the labels, for classes the log-odds of their mean.
/// </summary>
internal sealed class MatrixFactorizationLearner : OnlineLearner
{
    public const string Name = "matrix_factorization";

    private const int User = 0;
    private const int Item = 1;

    private readonly int _factors;
    private readonly double _biasRate;
    private readonly double _factorRate;
    private readonly double _initialScale;
    private readonly double _l2Bias;
    private readonly double _l2Factors;
    private readonly double _clip;
    private readonly bool _limited;
    private readonly PagedTable<double> _users;
    private readonly PagedTable<double> _items;
    private double _labelWeight;
    private double _labelMean;
    private double _minLabel = double.PositiveInfinity;
    private double _maxLabel = double.NegativeInfinity;

    public MatrixFactorizationLearner(in LearnerShape shape, ParameterSet parameters, long seed)
        : base(Name, shape, parameters, seed)
    {
        CheckColumns(Name, shape);
        _factors = parameters.Integer("factors");
        _biasRate = parameters.Number("biasRate");
        _factorRate = parameters.Number("factorRate");
        _initialScale = parameters.Number("initialScale");
        _l2Bias = parameters.Number("l2");
        _l2Factors = parameters.Number("l2Factors");
        _clip = parameters.Number("clipGradient");
        _limited = shape.IsRegression && parameters.Flag("clipToLabelRange");
        _users = new PagedTable<double>(shape.HashBits, 1 + _factors);
        _items = new PagedTable<double>(shape.HashBits, 1 + _factors);
    }

    public static ImmutableArray<LearnerParameter> Parameters { get; } =
    [
        LearnerParameter.Integer("factors", 10, 0, 256, "numbers that describe a user or an item; 0: biases alone").Structural(),
        LearnerParameter.Number("biasRate", 0.025, 0, 100, "step size of biases", openMin: true),
        LearnerParameter.Number("factorRate", 0.05, 0, 100, "step size of factors", openMin: true),
        LearnerParameter.Number("initialScale", 0.1, 0, 10, "standard deviation of the first factors"),
        LearnerParameter.Number("l2", 0, 0, 1, "pull of biases towards 0", openMax: true),
        LearnerParameter.Number("l2Factors", 0, 0, 1, "the same for factors", openMax: true),
        LearnerParameter.Number("clipGradient", 1e12, 0, 1e12, "limit of the loss's derivative, and of each factor's", openMin: true),
    ];

    public override MatrixFactorizationModel Snapshot() => new(
        Center,
        SparseRows.Of(_users, 1 + _factors, static (row, packed) => row.CopyTo(packed)),
        SparseRows.Of(_items, 1 + _factors, static (row, packed) => row.CopyTo(packed)),
        Shape.HashBits,
        Shape.IsRegression ? Link.Identity : Link.Logistic,
        _limited && _labelWeight > 0 ? _minLabel : double.NegativeInfinity,
        _limited && _labelWeight > 0 ? _maxLabel : double.PositiveInfinity);

    private double Center => Shape.IsRegression
        ? _labelMean
        : Math.Log(((_labelMean * _labelWeight) + 1) / (((1 - _labelMean) * _labelWeight) + 1));

    /// <exception cref="LearnerException">The columns are not a user and an item alone.</exception>
    internal static void CheckColumns(string type, in LearnerShape shape)
    {
        if (shape.DenseCount != 0 || shape.HashedCount != 2)
            throw new LearnerException($"{type} takes two hashed columns, the user and then the item, and nothing else; here are {shape.DenseCount} dense and {shape.HashedCount} hashed features. Hash both ids in the pipeline and leave out the other columns, or take {FactorizationMachineLearner.Name}.");
    }

    internal override void CheckShape(in FeatureSpan x)
    {
        base.CheckShape(x);
        RowCheck.HashedCount(x, 2);
    }

    protected override double PredictScalar(in FeatureSpan x)
    {
        var score = Score(Row(_users, x, User), Row(_items, x, Item));
        if (!Shape.IsRegression)
            return Probabilities.Logistic(score);
        return _limited && _labelWeight > 0 ? Math.Clamp(score, _minLabel, _maxLabel) : score;
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        var score = Score(Row(_users, x, User), Row(_items, x, Item));
        (probabilities[0], probabilities[1]) = (Probabilities.Logistic(-score), Probabilities.Logistic(score));
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        _labelWeight += weight;
        _labelMean += weight / _labelWeight * (label - _labelMean);
        (_minLabel, _maxLabel) = (Math.Min(_minLabel, label), Math.Max(_maxLabel, label));

        var user = Touch(_users, x, User, 0);
        var item = Touch(_items, x, Item, 1L << 32);
        var score = Score(user, item);
        var target = (label * 2) - 1;
        var derivative = Shape.IsRegression ? 2 * (score - label) : -target / (1 + Math.Exp(target * score));
        derivative = GradientGuard.Clip(derivative * weight, _clip, Type, Examples);

        if (!user.IsEmpty)
            user[0] -= _biasRate * (derivative + (_l2Bias * user[0]));
        if (!item.IsEmpty)
            item[0] -= _biasRate * (derivative + (_l2Bias * item[0]));
        if (user.IsEmpty || item.IsEmpty)
            return;
        for (var f = 1; f <= _factors; f++)
        {
            var (p, q) = (user[f], item[f]);
            user[f] -= _factorRate * Math.Clamp((derivative * q) + (_l2Factors * p), -_clip, _clip);
            item[f] -= _factorRate * Math.Clamp((derivative * p) + (_l2Factors * q), -_clip, _clip);
        }
    }

    protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_labelWeight);
        writer.Write(_labelMean);
        writer.Write(_minLabel);
        writer.Write(_maxLabel);
        _users.Write(writer, static (to, number) => to.Write(number));
        _items.Write(writer, static (to, number) => to.Write(number));
    }

    protected override void ReadState(BinaryReader reader)
    {
        _labelWeight = reader.ReadDouble();
        _labelMean = reader.ReadDouble();
        _minLabel = reader.ReadDouble();
        _maxLabel = reader.ReadDouble();
        _users.Read(reader, static from => from.ReadDouble());
        _items.Read(reader, static from => from.ReadDouble());
    }

    private static ReadOnlySpan<double> Row(PagedTable<double> table, in FeatureSpan x, int position)
        => x.HashedValues[position] == 0 ? [] : table.Find(x.HashedIndices[position]);

    private Span<double> Touch(PagedTable<double> table, in FeatureSpan x, int position, long part)
    {
        if (x.HashedValues[position] == 0)
            return [];
        var row = table.Touch(x.HashedIndices[position], out var isNew);
        if (isNew)
        {
            var draw = SeededDraw.For(Seed, part + x.HashedIndices[position]);
            for (var f = 1; f < row.Length; f++)
                row[f] = _initialScale * draw.Normal();
        }

        return row;
    }

    private double Score(ReadOnlySpan<double> user, ReadOnlySpan<double> item)
    {
        var score = Center;
        if (!user.IsEmpty)
            score += user[0];
        if (!item.IsEmpty)
            score += item[0];
        for (var f = 1; f < user.Length && !item.IsEmpty; f++)
            score += user[f] * item[f];
        return score;
    }
}
