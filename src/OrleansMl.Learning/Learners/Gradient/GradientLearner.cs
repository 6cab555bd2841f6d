namespace OrleansMl.Learning;

/// <summary>
/// A linear model under one gradient rule: logistic loss for two classes, squared loss (p − y)² for a value. A constant
/// feature of value 1 is always there. Learning and predicting allocate nothing but the pages of new hashed features.
/// </summary>
internal sealed class GradientLearner<TRule> : OnlineLearner, ILinearLearner
    where TRule : struct, IUpdateRule
{
    private readonly OptimizerSlot[] _dense;
    private readonly PagedTable<OptimizerSlot>? _hashed;
    private readonly double? _interceptRate;
    private readonly double _clip;
    private readonly double _l2;
    private readonly bool _limited;
    private TRule _rule;
    private OptimizerSlot _bias;
    private double _minLabel;
    private double _maxLabel;

    /// <param name="l2">Added to the gradient; 0 where the rule has its own.</param>
    public GradientLearner(string type, in LearnerShape shape, ParameterSet parameters, long seed, TRule rule, double l2)
        : base(type, shape, parameters, seed)
    {
        (_rule, _l2) = (rule, l2);
        _dense = new OptimizerSlot[shape.DenseCount];
        _hashed = shape.HashBits > 0 ? new PagedTable<OptimizerSlot>(shape.HashBits, 1) : null;
        _interceptRate = parameters.OptionalNumber("interceptRate");
        _clip = parameters.Number("clipGradient");
        _limited = shape.IsRegression && parameters.Flag("clipToLabelRange");
    }

    private bool IsLogistic => !Shape.IsRegression;

    public override LinearModel Snapshot() => new(
        [.. _dense.Select(slot => slot.Weight)],
        _hashed is null ? [] : [.. _hashed.Indices().Select(index => new HashedWeight(index, _hashed.Read(index).Weight)).Where(entry => entry.Weight != 0)],
        Shape.HashBits,
        _bias.Weight,
        IsLogistic ? Link.Logistic : Link.Identity,
        _limited ? _minLabel : double.NegativeInfinity,
        _limited ? _maxLabel : double.PositiveInfinity);

    protected override double PredictScalar(in FeatureSpan x)
    {
        var linear = Linear(x);
        return IsLogistic ? Probabilities.Logistic(linear) : Limited(linear);
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        var linear = Linear(x);
        (probabilities[0], probabilities[1]) = (Probabilities.Logistic(-linear), Probabilities.Logistic(linear));
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        var linear = Linear(x);
        double derivative;
        if (IsLogistic)
        {
            var target = (label * 2) - 1;
            derivative = -target / (1 + Math.Exp(target * linear));
        }
        else
        {
            // The range widens first, as in Vowpal Wabbit.
            var (min, max) = (Math.Min(_minLabel, label), Math.Max(_maxLabel, label));
            derivative = 2 * ((_limited ? Math.Clamp(linear, min, max) : linear) - label);
            if (double.IsFinite(derivative))
                (_minLabel, _maxLabel) = (min, max);
        }

        derivative = GradientGuard.Clip(derivative * weight, _clip, Type, Examples);
        var rule = _rule;
        rule.Begin(Examples + 1);
        if (_interceptRate is { } rate)
            _bias.Weight -= rate * derivative;
        else
            rule.Apply(ref _bias, derivative);
        for (var i = 0; i < _dense.Length; i++)
        {
            ref var slot = ref _dense[i];
            rule.Apply(ref slot, (derivative * x.Dense[i]) + (_l2 * slot.Weight));
        }

        var values = x.HashedValues;
        var indices = x.HashedIndices;
        for (var i = 0; i < indices.Length; i++)
        {
            // 0 is a missing one: no feature.
            if (values[i] == 0)
                continue;
            ref var slot = ref _hashed!.At(indices[i]);
            rule.Apply(ref slot, (derivative * values[i]) + (_l2 * slot.Weight));
        }

        _rule = rule;
    }

    protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_minLabel);
        writer.Write(_maxLabel);
        OptimizerSlot.Write(writer, _bias);
        foreach (var slot in _dense)
            OptimizerSlot.Write(writer, slot);
        _hashed?.Write(writer, OptimizerSlot.Write);
    }

    protected override void ReadState(BinaryReader reader)
    {
        _minLabel = reader.ReadDouble();
        _maxLabel = reader.ReadDouble();
        _bias = OptimizerSlot.Read(reader);
        for (var i = 0; i < _dense.Length; i++)
            _dense[i] = OptimizerSlot.Read(reader);
        _hashed?.Read(reader, OptimizerSlot.Read);
    }

    private double Limited(double linear) => _limited ? Math.Clamp(linear, _minLabel, _maxLabel) : linear;

    private double Linear(in FeatureSpan x)
    {
        var sum = _bias.Weight;
        var dense = x.Dense;
        for (var i = 0; i < _dense.Length; i++)
            sum += _dense[i].Weight * dense[i];
        var values = x.HashedValues;
        var indices = x.HashedIndices;
        for (var i = 0; i < indices.Length; i++)
            sum += _hashed!.Read(indices[i]).Weight * values[i];
        return sum;
    }
}
