using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Passive-aggressive learning (Crammer et al., JMLR 7, 2006): nothing where the loss is 0, else the least change that
/// mends it, limited by C in PA-I and PA-II. Hinge loss for two classes (the answer is the logistic of the margin, which is
/// no calibrated probability), ε-insensitive loss for a value. The constant moves along; it does not count in |x|².
/// </summary>
internal sealed class PassiveAggressiveLearner : OnlineLearner, ILinearLearner
{
    public const string Name = "passive_aggressive";

    /// <summary>Rows under this squared norm count as empty: a step for them would be no number.</summary>
    private const double SmallestNorm = 1e-38;

    private readonly double[] _dense;
    private readonly PagedTable<double>? _hashed;
    private readonly string _variant;
    private readonly double _aggressiveness;
    private readonly double _insensitivity;
    private readonly bool _intercept;
    private double _bias;

    public PassiveAggressiveLearner(in LearnerShape shape, ParameterSet parameters, long seed)
        : base(Name, shape, parameters, seed)
    {
        _dense = new double[shape.DenseCount];
        _hashed = shape.HashBits > 0 ? new PagedTable<double>(shape.HashBits, 1) : null;
        _variant = parameters.Word("variant");
        _aggressiveness = parameters.Number("c");
        _insensitivity = shape.IsRegression ? parameters.Number("epsilon") : 0;
        _intercept = parameters.Flag("intercept");
    }

    public static ImmutableArray<LearnerParameter> Parameters(int classes) =>
    [
        LearnerParameter.Word("variant", "pa1", "pa: the loss is mended at once; pa1: the step is at most c; pa2: it is damped by 1/(2c)", "pa", "pa1", "pa2"),
        LearnerParameter.Number("c", 1, 0, 1e6, "aggressiveness; the importance weight multiplies it, so pa has no use for either", openMin: true),
        LearnerParameter.Flag("intercept", true, "a constant is learned"),
        .. classes == 0 ? [LearnerParameter.Number("epsilon", 0.1, 0, 1e12, "errors up to it count as none")] : ImmutableArray<LearnerParameter>.Empty,
    ];

    public override LinearModel Snapshot() => new(
        [.. _dense],
        _hashed is null ? [] : [.. _hashed.Indices().Select(index => new HashedWeight(index, _hashed.Read(index))).Where(entry => entry.Weight != 0)],
        Shape.HashBits,
        _bias,
        Shape.IsRegression ? Link.Identity : Link.Logistic,
        double.NegativeInfinity,
        double.PositiveInfinity);

    protected override double PredictScalar(in FeatureSpan x) => Shape.IsRegression ? Linear(x) : Probabilities.Logistic(Linear(x));

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        var linear = Linear(x);
        (probabilities[0], probabilities[1]) = (Probabilities.Logistic(-linear), Probabilities.Logistic(linear));
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        var linear = Linear(x);
        var direction = Shape.IsRegression ? Math.Sign(label - linear) : (label * 2) - 1;
        var loss = Shape.IsRegression ? Math.Max(0, Math.Abs(label - linear) - _insensitivity) : Math.Max(0, 1 - (direction * linear));
        if (loss == 0)
            return;
        var step = GradientGuard.Clip(Size(loss, Norm(x), weight) * direction, double.MaxValue, Type, Examples);
        if (_intercept)
            _bias += step;
        for (var i = 0; i < _dense.Length; i++)
            _dense[i] += step * x.Dense[i];
        for (var i = 0; i < x.HashedIndices.Length; i++)
        {
            if (x.HashedValues[i] != 0)
                _hashed!.At(x.HashedIndices[i]) += step * x.HashedValues[i];
        }
    }

    protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_bias);
        foreach (var weight in _dense)
            writer.Write(weight);
        _hashed?.Write(writer, static (to, weight) => to.Write(weight));
    }

    protected override void ReadState(BinaryReader reader)
    {
        _bias = reader.ReadDouble();
        for (var i = 0; i < _dense.Length; i++)
            _dense[i] = reader.ReadDouble();
        _hashed?.Read(reader, static from => from.ReadDouble());
    }

    private static double Norm(in FeatureSpan x)
    {
        double sum = 0;
        foreach (var value in x.Dense)
            sum += value * value;
        foreach (var value in x.HashedValues)
            sum += value * value;
        return sum;
    }

    /// <summary>τ. An empty row moves nothing but the constant of PA-II.</summary>
    private double Size(double loss, double norm, double weight) => _variant switch
    {
        "pa2" => loss / (norm + (0.5 / (_aggressiveness * weight))),
        _ when norm < SmallestNorm => 0,
        "pa1" => Math.Min(_aggressiveness * weight, loss / norm),
        _ => loss / norm,
    };

    private double Linear(in FeatureSpan x)
    {
        var sum = _bias;
        for (var i = 0; i < _dense.Length; i++)
            sum += _dense[i] * x.Dense[i];
        for (var i = 0; i < x.HashedIndices.Length; i++)
            sum += _hashed!.Read(x.HashedIndices[i]) * x.HashedValues[i];
        return sum;
    }
}
