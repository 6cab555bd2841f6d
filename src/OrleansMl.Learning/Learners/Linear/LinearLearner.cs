using System.Runtime.CompilerServices;

namespace OrleansMl.Learning;

/// <summary>
/// Online linear learner with Vowpal Wabbit's normalised, adaptive, invariant updates
/// (<c>vowpalwabbit/core/src/reductions/gd.cc</c>; Ross, Mineiro and Langford 2013; Duchi et al. 2011; Karampatziakis and
/// Langford 2011), in double precision. A constant feature of value 1 is always there. Types: logistic_regression
/// (logistic loss, labels 0 and 1) and linear_regression (squared loss).
/// </summary>
public sealed partial class LinearLearner : ILinearLearner
{
    public const string LogisticRegression = "logistic_regression";
    public const string LinearRegression = "linear_regression";

    /// <summary>Probabilities stay this far from 0 and 1, so that log loss is finite.</summary>
    public const double ProbabilityMargin = Probabilities.Margin;

    /// <summary>The logit is limited to ±50, as in Vowpal Wabbit.</summary>
    private const double LogitLimit = 50;

    /// <summary>Squares under this count as no feature: products with them would underflow.</summary>
    private const double SmallestSquare = 1e-38;

    /// <summary>With a smaller common factor the L2 penalty is written into the weights.</summary>
    private const double SmallestContraction = 1e-6;

    private readonly LinearOptions _options;
    private readonly LinearLoss _loss;
    private readonly bool _logistic;

    /// <summary>Vowpal Wabbit's defaults, under which a rate is a root and a division.</summary>
    private readonly bool _standardRates;
    private readonly WeightSlot[] _dense;
    private readonly PagedTable<WeightSlot>? _hashed;
    private readonly int _hashBits;
    private WeightSlot _bias;

    private double _contraction = 1;
    private double _seenWeight;
    private double _learnedWeight;
    private double _sumNorm;
    private double _minLabel;
    private double _maxLabel;

    /// <param name="logistic">logistic_regression; else linear_regression.</param>
    /// <param name="options">Checked by <see cref="LearnerFactory"/>.</param>
    /// <param name="denseCount">D.</param>
    /// <param name="hashBits">The hashed table has 2^bits places; 0: none.</param>
    internal LinearLearner(bool logistic, LinearOptions options, int denseCount, int hashBits)
    {
        (_logistic, _options, _hashBits) = (logistic, options, hashBits);
        _standardRates = options is { PowerT: 0.5, Adaptive: true, Normalized: true };
        _loss = logistic ? new LogisticLoss() : new SquaredLoss();
        _dense = new WeightSlot[denseCount];
        _hashed = hashBits > 0 ? new PagedTable<WeightSlot>(hashBits, 1) : null;
        (_minLabel, _maxLabel) = logistic ? (-LogitLimit, LogitLimit) : (0, 0);
    }

    public string Type => _logistic ? LogisticRegression : LinearRegression;

    public LinearOptions Options => _options;

    public long Examples { get; private set; }

    private bool Clips => _logistic || _options.ClipToLabelRange;

    public double PredictOne(in FeatureSpan x)
    {
        Check(x);
        var prediction = Predict(x);
        return _logistic ? Probabilities.Logistic(prediction) : prediction;
    }

    public void LearnOne(in FeatureSpan x, double label, double weight = 1)
    {
        RowCheck.Weight(weight);
        RowCheck.Label(label, _logistic ? 2 : 0, Type);
        Check(x);
        RowCheck.Values(x);

        if (!_logistic)
        {
            _minLabel = Math.Min(_minLabel, label);
            _maxLabel = Math.Max(_maxLabel, label);
        }

        var target = _logistic ? (label * 2) - 1 : label;
        var prediction = Predict(x);
        if (_loss.IsPositive(prediction, target))
            Update(x, prediction, target, weight);
        _seenWeight += weight;
        Examples++;
    }

    public LinearModel Snapshot() => new(
        [.. _dense.Select(slot => slot.Weight * _contraction)],
        [.. Touched().Where(entry => entry.Slot.Weight != 0).Select(entry => new HashedWeight(entry.Index, entry.Slot.Weight * _contraction))],
        _hashBits,
        _bias.Weight * _contraction,
        _logistic ? Link.Logistic : Link.Identity,
        Clips ? _minLabel : double.NegativeInfinity,
        Clips ? _maxLabel : double.PositiveInfinity);

    private double Predict(in FeatureSpan x)
    {
        var sum = _bias.Weight;
        var dense = x.Dense;
        for (var i = 0; i < _dense.Length; i++)
            sum += _dense[i].Weight * dense[i];
        var indices = x.HashedIndices;
        var values = x.HashedValues;
        for (var i = 0; i < indices.Length; i++)
            sum += _hashed!.Read(indices[i]).Weight * values[i];
        sum *= _contraction;
        if (double.IsNaN(sum))
            sum = 0;
        return Clips ? Math.Clamp(sum, _minLabel, _maxLabel) : sum;
    }

    private void Update(in FeatureSpan x, double prediction, double target, double weight)
    {
        var derivative = _loss.Derivative(prediction, target, out var odds);
        var (norm, sensitivity) = Measure(x, weight * derivative * derivative);
        _learnedWeight += weight;
        _sumNorm += weight * norm;

        var multiplier = Multiplier();
        sensitivity *= multiplier;
        var step = _options.LearningRate * weight;
        if (!_options.Adaptive)
        {
            // At least 1, else the first rate would be infinite: VW's initial_t.
            step *= Math.Pow(Math.Max(1, _seenWeight), -_options.PowerT);
        }

        var update = _options.Invariant
            ? _loss.InvariantUpdate(prediction, target, step, sensitivity, odds)
            : -step * derivative;
        if (update == 0 || !double.IsFinite(update))
            return;
        update = Contract(update, derivative) * multiplier;

        Apply(ref _bias, 1, update);
        var dense = x.Dense;
        for (var i = 0; i < _dense.Length; i++)
            Apply(ref _dense[i], dense[i], update);
        var indices = x.HashedIndices;
        var values = x.HashedValues;
        for (var i = 0; i < indices.Length; i++)
            Apply(ref _hashed!.Known(indices[i]), values[i], update);
    }

    /// <summary>Takes all features into the optimiser's state and sums their squares by scale, and the sensitivity of the prediction.</summary>
    private (double Norm, double Sensitivity) Measure(in FeatureSpan x, double squaredGradient)
    {
        var (norm, sensitivity) = Measure(ref _bias, 1, squaredGradient);
        var dense = x.Dense;
        for (var i = 0; i < _dense.Length; i++)
        {
            var (share, sensed) = Measure(ref _dense[i], dense[i], squaredGradient);
            (norm, sensitivity) = (norm + share, sensitivity + sensed);
        }

        var indices = x.HashedIndices;
        var values = x.HashedValues;
        for (var i = 0; i < indices.Length; i++)
        {
            var (share, sensed) = Measure(ref _hashed!.At(indices[i]), values[i], squaredGradient);
            (norm, sensitivity) = (norm + share, sensitivity + sensed);
        }

        return (norm, sensitivity);
    }

    /// <summary>Takes one feature into the optimiser's state; gives its part of both sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (double Norm, double Sensitivity) Measure(ref WeightSlot slot, double x, double squaredGradient)
    {
        var square = x * x;
        if (!(square >= SmallestSquare))
            return (0, 0);
        slot.Adaptive += squaredGradient * square;
        var size = Math.Abs(x);
        if (size > slot.Scale)
            Widen(ref slot, size);
        slot.Rate = _standardRates ? 1 / (Math.Sqrt(slot.Adaptive) * slot.Scale) : Rate(slot);

        // x at its scale, as all indicators are, spares the division.
        return (size == slot.Scale ? 1 : square / (slot.Scale * slot.Scale), square * slot.Rate);
    }

    /// <summary>A weight was found under the smaller scale: brings it to the new one.</summary>
    private void Widen(ref WeightSlot slot, double size)
    {
        if (_options.Normalized && slot.Scale > 0)
            slot.Weight *= Math.Pow(size * size / (slot.Scale * slot.Scale), _options.Adaptive ? _options.PowerT - 1 : -1);
        slot.Scale = size;
    }

    private double Rate(in WeightSlot slot)
    {
        var (powerT, adaptive, normalized) = (_options.PowerT, _options.Adaptive, _options.Normalized);
        if (powerT == 0.5 && adaptive)
            return normalized ? 1 / (Math.Sqrt(slot.Adaptive) * slot.Scale) : 1 / Math.Sqrt(slot.Adaptive);
        var rate = adaptive ? Math.Pow(slot.Adaptive, -powerT) : 1;
        return normalized ? rate * Math.Pow(slot.Scale * slot.Scale, adaptive ? powerT - 1 : -1) : rate;
    }

    /// <summary>Undoes, on average, what normalising took from the rate.</summary>
    private double Multiplier()
    {
        if (!_options.Normalized)
            return 1;
        var average = _learnedWeight / _sumNorm;
        return !_options.Adaptive ? average
            : _options.PowerT == 0.5 ? Math.Sqrt(average)
            : Math.Pow(average, 1 - _options.PowerT);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply(ref WeightSlot slot, double x, double update)
    {
        if (x * x >= SmallestSquare)
            slot.Weight += update * slot.Rate * x;
    }

    /// <summary>The L2 penalty shrinks all weights by one common factor, kept apart so that a step touches only its features.</summary>
    private double Contract(double update, double derivative)
    {
        if (_options.L2 == 0)
            return update;
        if (Math.Abs(update) > 1e-8 && Math.Abs(derivative) > 1e-8)
            _contraction *= Math.Max(SmallestContraction, 1 - (_options.L2 * -update / derivative));
        if (_contraction < SmallestContraction)
        {
            _bias.Weight *= _contraction;
            for (var i = 0; i < _dense.Length; i++)
                _dense[i].Weight *= _contraction;
            foreach (var (index, _) in Touched())
                _hashed!.At(index).Weight *= _contraction;
            _contraction = 1;
        }

        return update / _contraction;
    }

    /// <summary>Hashed weights that ever learned, by ascending index.</summary>
    private IEnumerable<(int Index, WeightSlot Slot)> Touched()
        => (_hashed?.Indices() ?? []).Select(index => (index, _hashed!.Read(index))).Where(entry => !entry.Item2.IsUntouched);

    private void Check(in FeatureSpan x) => RowCheck.Shape(x, _dense.Length, _hashed?.Size ?? 0);
}
