using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Factorization machine of degree 2 (Rendle, ICDM 2010): bias + Σ wᵢ xᵢ + Σ_{i&lt;j} ⟨vᵢ, vⱼ⟩ xᵢ xⱼ. Logistic loss for two
/// classes, squared loss (p − y)² for a value; AdaGrad or plain steps. Factors of a feature begin as small normal numbers
/// that its place and the seed alone decide; a hashed feature never learned has neither weight nor factors.
/// </summary>
internal sealed class FactorizationMachineLearner : OnlineLearner
{
    public const string Name = "factorization_machine";

    /// <summary>Larger features are refused: the gradient of a factor has their product.</summary>
    private const double LargestFeature = 1e30;

    private const double Epsilon = 1e-8;

    private readonly int _factors;
    private readonly double _rate;
    private readonly bool _adaptive;
    private readonly double _initialScale;
    private readonly double _l2;
    private readonly double _l2Factors;
    private readonly double _clip;
    private readonly double[] _dense;
    private readonly PagedTable<double>? _hashed;
    private double _bias;
    private double _biasSquares;

    public FactorizationMachineLearner(in LearnerShape shape, ParameterSet parameters, long seed)
        : base(Name, shape, parameters, seed)
    {
        _factors = parameters.Integer("factors");
        _rate = parameters.Number("learningRate");
        _adaptive = parameters.Word("optimizer") == GradientOptions.AdaGrad;
        _initialScale = parameters.Number("initialScale");
        _l2 = parameters.Number("l2");
        _l2Factors = parameters.Number("l2Factors");
        _clip = parameters.Number("clipGradient");
        _dense = new double[shape.DenseCount * Width];
        for (var i = 0; i < shape.DenseCount; i++)
            Initialize(_dense.AsSpan(i * Width, Width), i);
        _hashed = shape.HashBits > 0 ? new PagedTable<double>(shape.HashBits, Width) : null;
    }

    public static ImmutableArray<LearnerParameter> Parameters { get; } =
    [
        LearnerParameter.Integer("factors", 8, 1, 256, "numbers that describe how a feature meets others").Structural(),
        LearnerParameter.Number("learningRate", 0.05, 0, 100, "step size", openMin: true),
        LearnerParameter.Word("optimizer", GradientOptions.AdaGrad, "rule of the updates", GradientOptions.AdaGrad, GradientOptions.Sgd).Structural(),
        LearnerParameter.Number("initialScale", 0.1, 0, 10, "standard deviation of the first factors"),
        LearnerParameter.Number("l2", 0, 0, 1, "pull of touched weights towards 0", openMax: true),
        LearnerParameter.Number("l2Factors", 0, 0, 1, "the same for factors", openMax: true),
        LearnerParameter.Number("clipGradient", 1e12, 0, 1e12, "limit of the loss's derivative, and of each weight's", openMin: true),
    ];

    /// <summary>A row: weight, its squares, factors, their squares.</summary>
    private int Width => 2 + (2 * _factors);

    public override FactorizationMachineModel Snapshot()
    {
        var packed = new double[Shape.DenseCount * (1 + _factors)];
        for (var i = 0; i < Shape.DenseCount; i++)
            Pack(_dense.AsSpan(i * Width, Width), packed.AsSpan(i * (1 + _factors), 1 + _factors));
        return new FactorizationMachineModel(
            _bias,
            ImmutableArray.Create(packed),
            SparseRows.Of(_hashed, 1 + _factors, Pack),
            Shape.HashBits,
            _factors,
            Shape.IsRegression ? Link.Identity : Link.Logistic);
    }

    internal override void CheckShape(in FeatureSpan x)
    {
        base.CheckShape(x);
        RefuseLarge(x.Dense);
        RefuseLarge(x.HashedValues);
    }

    protected override double PredictScalar(in FeatureSpan x)
    {
        var score = Score(x);
        return Shape.IsRegression ? score : Probabilities.Logistic(score);
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        var score = Score(x);
        (probabilities[0], probabilities[1]) = (Probabilities.Logistic(-score), Probabilities.Logistic(score));
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        Span<double> sums = stackalloc double[_factors];

        // First the rows of new features: their first factors take part in the sums that the gradient needs.
        for (var i = 0; i < x.HashedIndices.Length; i++)
        {
            if (x.HashedValues[i] == 0)
                continue;
            var row = _hashed!.Touch(x.HashedIndices[i], out var isNew);
            if (isNew)
                Initialize(row, Shape.DenseCount + x.HashedIndices[i]);
        }

        var score = Score(x, sums);
        var target = (label * 2) - 1;
        var derivative = Shape.IsRegression ? 2 * (score - label) : -target / (1 + Math.Exp(target * score));
        derivative = GradientGuard.Clip(derivative * weight, _clip, Type, Examples);
        Step(ref _bias, ref _biasSquares, derivative);
        for (var i = 0; i < x.Dense.Length; i++)
            Update(_dense.AsSpan(i * Width, Width), x.Dense[i], derivative, sums);
        for (var i = 0; i < x.HashedIndices.Length; i++)
        {
            if (x.HashedValues[i] != 0)
                Update(_hashed!.Touch(x.HashedIndices[i], out _), x.HashedValues[i], derivative, sums);
        }
    }

    protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_bias);
        writer.Write(_biasSquares);
        foreach (var number in _dense)
            writer.Write(number);
        _hashed?.Write(writer, static (to, number) => to.Write(number));
    }

    protected override void ReadState(BinaryReader reader)
    {
        _bias = reader.ReadDouble();
        _biasSquares = reader.ReadDouble();
        for (var i = 0; i < _dense.Length; i++)
            _dense[i] = reader.ReadDouble();
        _hashed?.Read(reader, static from => from.ReadDouble());
    }

    private void Initialize(Span<double> row, int feature)
    {
        var draw = SeededDraw.For(Seed, feature);
        for (var f = 0; f < _factors; f++)
            row[2 + f] = _initialScale * draw.Normal();
    }

    private void Pack(ReadOnlySpan<double> row, Span<double> packed)
    {
        packed[0] = row[0];
        row.Slice(2, _factors).CopyTo(packed[1..]);
    }

    private double Score(in FeatureSpan x)
    {
        Span<double> sums = stackalloc double[_factors];
        return Score(x, sums);
    }

    /// <param name="x">A row.</param>
    /// <param name="sums">Filled with Σ v x by factor, which the gradient needs.</param>
    private double Score(in FeatureSpan x, Span<double> sums)
    {
        sums.Clear();
        var (linear, squares) = (_bias, 0.0);
        for (var i = 0; i < x.Dense.Length; i++)
            FactorizationSums.Add(_dense.AsSpan(i * Width, Width), 2, x.Dense[i], sums, ref linear, ref squares);
        for (var i = 0; i < x.HashedIndices.Length; i++)
            FactorizationSums.Add(_hashed!.Find(x.HashedIndices[i]), 2, x.HashedValues[i], sums, ref linear, ref squares);
        return FactorizationSums.Score(linear, squares, sums);
    }

    private void Update(Span<double> row, double x, double derivative, ReadOnlySpan<double> sums)
    {
        Step(ref row[0], ref row[1], (derivative * x) + (_l2 * row[0]));
        for (var f = 0; f < sums.Length; f++)
        {
            ref var factor = ref row[2 + f];
            var gradient = derivative * ((x * sums[f]) - (factor * x * x));
            Step(ref factor, ref row[2 + _factors + f], gradient + (_l2Factors * factor));
        }
    }

    private void Step(ref double weight, ref double squares, double gradient)
    {
        // A factor's gradient has the product of two features and a factor in it: without a limit of its own it would run away.
        gradient = Math.Clamp(gradient, -_clip, _clip);
        if (_adaptive)
        {
            squares += gradient * gradient;
            weight -= _rate / Math.Sqrt(squares + Epsilon) * gradient;
        }
        else
        {
            weight -= _rate * gradient;
        }
    }

    private static void RefuseLarge(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (Math.Abs(value) > LargestFeature)
                throw new ArgumentOutOfRangeException("x", value, $"A feature of {Name} must be at most 1e30 in size; scale or clip the column.");
        }
    }
}
