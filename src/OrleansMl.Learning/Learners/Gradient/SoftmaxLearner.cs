using System.Runtime.CompilerServices;

namespace OrleansMl.Learning;

/// <summary>
/// Multinomial logistic regression under one gradient rule: a weight vector and a constant for each class, softmax of the
/// scores, gradient (p − 1ᵧ) x.
/// </summary>
internal sealed class SoftmaxLearner<TRule> : OnlineLearner
    where TRule : struct, IUpdateRule
{
    private readonly OptimizerSlot[] _dense;
    private readonly OptimizerSlot[] _bias;
    private readonly PagedTable<OptimizerSlot>? _hashed;
    private readonly double? _interceptRate;
    private readonly double _clip;
    private readonly double _l2;
    private TRule _rule;

    public SoftmaxLearner(string type, in LearnerShape shape, ParameterSet parameters, long seed, TRule rule)
        : base(type, shape, parameters, seed)
    {
        _rule = rule;
        _dense = new OptimizerSlot[shape.DenseCount * shape.Classes];
        _bias = new OptimizerSlot[shape.Classes];
        _hashed = shape.HashBits > 0 ? new PagedTable<OptimizerSlot>(shape.HashBits, shape.Classes) : null;
        _interceptRate = parameters.OptionalNumber("interceptRate");
        _clip = parameters.Number("clipGradient");
        _l2 = parameters.Number("l2");
    }

    public override SoftmaxModel Snapshot() => new(
        [.. _dense.Select(slot => slot.Weight)],
        SparseRows.Of(_hashed, Classes, static (row, packed) =>
        {
            for (var c = 0; c < packed.Length; c++)
                packed[c] = row[c].Weight;
        }),
        Shape.HashBits,
        [.. _bias.Select(slot => slot.Weight)]);

    protected override double PredictScalar(in FeatureSpan x)
    {
        Span<double> probabilities = stackalloc double[2];
        PredictClasses(x, probabilities);
        return probabilities[1];
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        for (var c = 0; c < probabilities.Length; c++)
            probabilities[c] = _bias[c].Weight;
        var dense = x.Dense;
        for (var i = 0; i < dense.Length; i++)
            Add(_dense.AsSpan(i * probabilities.Length, probabilities.Length), dense[i], probabilities);
        var indices = x.HashedIndices;
        var values = x.HashedValues;
        for (var i = 0; i < indices.Length; i++)
            Add(_hashed!.Peek(indices[i]), values[i], probabilities);
        Probabilities.Softmax(probabilities);
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        var classes = Classes;
        Span<double> gradient = classes <= Probabilities.OnStack ? stackalloc double[classes] : new double[classes];
        PredictClasses(x, gradient);
        gradient[(int)label] -= 1;
        for (var c = 0; c < classes; c++)
            gradient[c] = GradientGuard.Clip(gradient[c] * weight, _clip, Type, Examples);

        var rule = _rule;
        rule.Begin(Examples + 1);
        for (var c = 0; c < classes; c++)
        {
            if (_interceptRate is { } rate)
                _bias[c].Weight -= rate * gradient[c];
            else
                rule.Apply(ref _bias[c], gradient[c]);
        }

        var dense = x.Dense;
        for (var i = 0; i < dense.Length; i++)
            Apply(rule, _dense.AsSpan(i * classes, classes), dense[i], gradient, _l2);
        var indices = x.HashedIndices;
        var values = x.HashedValues;
        for (var i = 0; i < indices.Length; i++)
        {
            if (values[i] != 0)
                Apply(rule, _hashed!.Touch(indices[i], out _), values[i], gradient, _l2);
        }

        _rule = rule;
    }

    protected override void WriteState(BinaryWriter writer)
    {
        foreach (var slot in _bias)
            OptimizerSlot.Write(writer, slot);
        foreach (var slot in _dense)
            OptimizerSlot.Write(writer, slot);
        _hashed?.Write(writer, OptimizerSlot.Write);
    }

    protected override void ReadState(BinaryReader reader)
    {
        for (var i = 0; i < _bias.Length; i++)
            _bias[i] = OptimizerSlot.Read(reader);
        for (var i = 0; i < _dense.Length; i++)
            _dense[i] = OptimizerSlot.Read(reader);
        _hashed?.Read(reader, OptimizerSlot.Read);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ReadOnlySpan<OptimizerSlot> row, double x, Span<double> scores)
    {
        for (var c = 0; c < row.Length; c++)
            scores[c] += row[c].Weight * x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply(TRule rule, Span<OptimizerSlot> row, double x, ReadOnlySpan<double> gradient, double l2)
    {
        for (var c = 0; c < row.Length; c++)
            rule.Apply(ref row[c], (gradient[c] * x) + (l2 * row[c].Weight));
    }
}
