using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Naive Bayes: a normal density per class for each dense feature, a smoothed multinomial per class for the hashed ones.
/// An example of weight w counts as w examples, exactly.
/// </summary>
internal sealed class NaiveBayesLearner : OnlineLearner
{
    public const string Name = "naive_bayes";

    private readonly GaussianEstimate[] _dense;
    private readonly double[] _classWeights;
    private readonly double[] _hashedWeights;
    private readonly PagedTable<double>? _hashed;
    private readonly double _priorSmoothing;
    private readonly double _smoothing;
    private readonly double _floor;

    public NaiveBayesLearner(in LearnerShape shape, ParameterSet parameters, long seed)
        : base(Name, shape, parameters, seed)
    {
        _dense = new GaussianEstimate[shape.DenseCount * shape.Classes];
        _classWeights = new double[shape.Classes];
        _hashedWeights = new double[shape.Classes];
        _hashed = shape.HashBits > 0 ? new PagedTable<double>(shape.HashBits, shape.Classes) : null;
        _priorSmoothing = parameters.Number("priorSmoothing");
        _smoothing = parameters.Number("smoothing");
        _floor = parameters.Number("densityFloor");
    }

    public static ImmutableArray<LearnerParameter> Parameters { get; } =
    [
        LearnerParameter.Number("priorSmoothing", 1, 0, 1e6, "examples that each class is thought to have had already"),
        LearnerParameter.Number("smoothing", 1, 0, 1e6, "the same for each hashed feature", openMin: true),
        LearnerParameter.Number("densityFloor", 1e-9, 0, 1, "added to every density, so that one odd value does not decide alone", openMin: true),
    ];

    public override NaiveBayesModel Snapshot()
    {
        var classes = Classes;
        var priors = new double[classes];
        Priors(priors);
        var unseen = new double[classes];
        for (var c = 0; c < classes; c++)
            unseen[c] = HashedLog(0, c);
        return new NaiveBayesModel(
            ImmutableArray.Create(priors),
            [.. _dense.Select(gaussian => gaussian.Mean)],
            [.. _dense.Select(gaussian => gaussian.Variance)],
            _floor,
            SparseRows.Of(_hashed, classes, (row, packed) =>
            {
                for (var c = 0; c < packed.Length; c++)
                    packed[c] = HashedLog(row[c], c);
            }),
            ImmutableArray.Create(unseen),
            Shape.HashBits);
    }

    internal override void CheckShape(in FeatureSpan x)
    {
        base.CheckShape(x);
        foreach (var value in x.HashedValues)
        {
            if (value < 0)
                throw new ArgumentOutOfRangeException(nameof(x), value, $"{Name} counts hashed features, so their values must be 0 or more.");
        }
    }

    protected override double PredictScalar(in FeatureSpan x)
    {
        Span<double> probabilities = stackalloc double[2];
        PredictClasses(x, probabilities);
        return probabilities[1];
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        probabilities.Clear();
        for (var i = 0; i < x.Dense.Length; i++)
        {
            for (var c = 0; c < probabilities.Length; c++)
            {
                ref readonly var normal = ref _dense[(i * probabilities.Length) + c];
                probabilities[c] += Math.Log(_floor + GaussianEstimate.Density(x.Dense[i], normal.Mean, normal.Variance));
            }
        }

        for (var i = 0; i < x.HashedIndices.Length; i++)
        {
            if (x.HashedValues[i] == 0)
                continue;
            var row = _hashed!.Find(x.HashedIndices[i]);
            for (var c = 0; c < probabilities.Length; c++)
                probabilities[c] += x.HashedValues[i] * HashedLog(row.IsEmpty ? 0 : row[c], c);
        }

        Span<double> priors = probabilities.Length <= Probabilities.OnStack ? stackalloc double[probabilities.Length] : new double[probabilities.Length];
        Priors(priors);
        for (var c = 0; c < probabilities.Length; c++)
            probabilities[c] += priors[c];
        Probabilities.FromLogs(probabilities);
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        var c = (int)label;
        _classWeights[c] += weight;
        for (var i = 0; i < x.Dense.Length; i++)
            _dense[(i * Classes) + c].Add(x.Dense[i], weight);
        for (var i = 0; i < x.HashedIndices.Length; i++)
        {
            var count = weight * x.HashedValues[i];
            if (count == 0)
                continue;
            _hashed!.Touch(x.HashedIndices[i], out _)[c] += count;
            _hashedWeights[c] += count;
        }
    }

    protected override void WriteState(BinaryWriter writer)
    {
        foreach (var weight in _classWeights)
            writer.Write(weight);
        foreach (var weight in _hashedWeights)
            writer.Write(weight);
        foreach (var gaussian in _dense)
            gaussian.Write(writer);
        _hashed?.Write(writer, static (to, count) => to.Write(count));
    }

    protected override void ReadState(BinaryReader reader)
    {
        for (var c = 0; c < Classes; c++)
            _classWeights[c] = reader.ReadDouble();
        for (var c = 0; c < Classes; c++)
            _hashedWeights[c] = reader.ReadDouble();
        for (var i = 0; i < _dense.Length; i++)
            _dense[i] = GaussianEstimate.Read(reader);
        _hashed?.Read(reader, static from => from.ReadDouble());
    }

    /// <summary>Logarithms of the classes' shares; without examples and smoothing all are equal.</summary>
    private void Priors(Span<double> logs)
    {
        double sum = 0;
        foreach (var weight in _classWeights)
            sum += weight + _priorSmoothing;
        for (var c = 0; c < logs.Length; c++)
            logs[c] = sum > 0 ? Math.Log((_classWeights[c] + _priorSmoothing) / sum) : 0;
    }

    /// <summary>Logarithm of a hashed feature's share in its class. All features never seen share one place.</summary>
    private double HashedLog(double count, int c)
        => Math.Log((count + _smoothing) / (_hashedWeights[c] + (_smoothing * ((_hashed?.Count ?? 0) + 1))));
}
