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
        if (_loss.Loss(prediction, target) > 0)
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
        Check(x);
        var sum = _bias.Weight;
        for (var i = 0; i < _dense.Length; i++)
            sum += _dense[i].Weight * x.Dense[i];
        for (var i = 0; i < x.HashedIndices.Length; i++)
            sum += _hashed!.Read(x.HashedIndices[i]).Weight * x.HashedValues[i];
        sum *= _contraction;
        if (double.IsNaN(sum))
            sum = 0;
        return Clips ? Math.Clamp(sum, _minLabel, _maxLabel) : sum;
    }

    private void Update(in FeatureSpan x, double prediction, double target, double weight)
    {
        var derivative = _loss.Derivative(prediction, target);
        var squaredGradient = weight * derivative * derivative;
        double norm = 0, sensitivity = 0;
        Measure(ref _bias, 1, squaredGradient, ref norm, ref sensitivity);
        for (var i = 0; i < _dense.Length; i++)
            Measure(ref _dense[i], x.Dense[i], squaredGradient, ref norm, ref sensitivity);
        for (var i = 0; i < x.HashedIndices.Length; i++)
            Measure(ref _hashed!.At(x.HashedIndices[i]), x.HashedValues[i], squaredGradient, ref norm, ref sensitivity);
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
            ? _loss.InvariantUpdate(prediction, target, step, sensitivity)
            : _loss.PlainUpdate(prediction, target, step);
        if (update == 0 || !double.IsFinite(update))
            return;
        update = Contract(update, derivative) * multiplier;

        Apply(ref _bias, 1, update);
        for (var i = 0; i < _dense.Length; i++)
            Apply(ref _dense[i], x.Dense[i], update);
        for (var i = 0; i < x.HashedIndices.Length; i++)
            Apply(ref _hashed!.At(x.HashedIndices[i]), x.HashedValues[i], update);
    }

    /// <summary>Takes one feature into the optimiser's state and sums the sensitivity of the prediction.</summary>
    private void Measure(ref WeightSlot slot, double x, double squaredGradient, ref double norm, ref double sensitivity)
    {
        var square = x * x;
        if (!(square >= SmallestSquare))
            return;
        slot.Adaptive += squaredGradient * square;
        var size = Math.Abs(x);
        if (size > slot.Scale)
        {
            // The weight was found under the smaller scale: bring it to the new one.
            if (_options.Normalized && slot.Scale > 0)
                slot.Weight *= Math.Pow(size * size / (slot.Scale * slot.Scale), _options.Adaptive ? _options.PowerT - 1 : -1);
            slot.Scale = size;
        }

        // x at its scale, as all indicators are, spares the division.
        norm += size == slot.Scale ? 1 : square / (slot.Scale * slot.Scale);
        slot.Rate = Rate(slot);
        sensitivity += square * slot.Rate;
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

    private void Apply(ref WeightSlot slot, double x, double update)
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
