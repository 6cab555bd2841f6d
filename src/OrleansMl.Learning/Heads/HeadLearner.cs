using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>
/// Gradient steps on a head: each example is one step together with the rows that are drawn from the reservoir, gradient
/// Σ (p − 1ᵧ) h over all of them. After <see cref="Consolidate"/> a step is pulled towards the anchor: θ = (θ + kθ*)/(1 + k) with
/// k = η λ F, the proximal form, because plain steps on the quadratic run away once ηλF is over 2. Behind a Relu a score that is cut off
/// has the gradient 0 and would never come back; it gets the gradient of what is not cut off where that raises it (Ballé et al., the
/// lower bound with the gradient <c>identity_if_towards</c>).
/// </summary>
internal sealed class HeadLearner : OnlineLearner, IHeadLearner
{
    private readonly ParameterSet _parameters;
    /// <summary>In the byte of the link of a saved state.</summary>
    private const byte RectifiedFlag = 0x80;

    private readonly double _rate;
    private readonly double _momentum;
    private readonly double _clip;
    private readonly double _ewc;
    private readonly int _replay;
    private readonly Reservoir _reservoir;
    private readonly int[] _drawn;
    private double[] _weights;
    private double[] _bias;
    private double[] _gradients;
    private double[] _scores = [];
    private Link _link;
    private bool _isRectified;
    private double[] _velocity = [];
    private HeadAnchor? _anchor;
    private SplitMix64 _draw;

    public HeadLearner(in LearnerShape shape, ParameterSet parameters, long seed, HeadModel? start = null)
        : base(HeadLearners.Type, shape, parameters, seed)
    {
        start ??= HeadModel.Zero(shape.DenseCount, shape.Classes);
        _parameters = parameters;
        (_weights, _bias, _link, _isRectified) = ([.. start.Weights], [.. start.Bias], start.Link, start.IsRectified);
        (_rate, _momentum, _clip, _ewc) = (parameters.Number("learningRate"), parameters.Number("momentum"), parameters.Number("clipGradient"), parameters.Number("ewc"));
        _replay = parameters.Integer("replay");
        _reservoir = new Reservoir(parameters.Integer("reservoir"), shape.DenseCount, shape.Classes, shape.Classes > 0 && parameters.Flag("balanced"));
        _gradients = new double[(1 + _replay) * _bias.Length];
        _drawn = new int[_replay];
        _draw = new SplitMix64((ulong)seed);
    }

    public HeadModel Head => Snapshot();

    public int Remembered => _reservoir.Count;

    public static ImmutableArray<LearnerParameter> Parameters(int classes)
    {
        ImmutableArray<LearnerParameter> all =
        [
            LearnerParameter.Number("learningRate", 0.1, 0, 100, "step size", openMin: true),
            LearnerParameter.Number("momentum", 0, 0, 1, "share of the last step that goes on", openMax: true),
            LearnerParameter.Integer("reservoir", 200, 0, 10_000, "rows that are remembered").Structural(),
            LearnerParameter.Integer("replay", 1, 0, 16, "remembered rows that are learned with each example"),
            LearnerParameter.Number("ewc", 0, 0, 1e9, "pull towards what was consolidated, by how much a weight mattered"),
            LearnerParameter.Number("clipGradient", 1e12, 0, 1e12, "limit of the loss's derivative", openMin: true),
        ];
        return classes == 0 ? all : all.Insert(3, LearnerParameter.Flag("balanced", false, "classes share the reservoir evenly, however rare").Structural());
    }

    public override HeadModel Snapshot() => new([.. _weights], [.. _bias], _link) { IsRectified = _isRectified };

    public void Remember(in FeatureSpan x, double label, double weight = 1)
    {
        RowCheck.Weight(weight);
        RowCheck.Label(label, Classes, Type);
        CheckShape(x);
        RowCheck.Values(x);
        _reservoir.Offer(x.Dense, label, weight, ref _draw);
    }

    public void Consolidate()
    {
        if (_ewc > 0 && _reservoir.Count > 0)
            _anchor = HeadAnchor.Of(_weights, _bias, _link, _isRectified, _reservoir);
    }

    public IHeadLearner WithClasses(int classes)
    {
        if (Classes == 0)
            throw new LearnerException("This head answers a value; it has no classes to add to.");
        if (classes <= Classes)
            throw new LearnerException($"The head has {Classes} classes; {classes} are not more.");
        var shape = Shape with { Classes = classes };
        shape.Check();
        // Of one logit the first class has none of its own: 0.
        var before = _bias.Length == 1 ? 1 : 0;
        var after = classes - before - _bias.Length;
        var start = new HeadModel([.. Rows(_weights, before, after, shape.DenseCount)], [.. Rows(_bias, before, after, 1)], _link) { IsRectified = _isRectified };
        var wider = new HeadLearner(shape, _parameters, Seed, start) { _draw = _draw, _anchor = _anchor?.Widen(before, after, shape.DenseCount) };
        wider.CountFrom(this);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        _reservoir.Write(writer);
        stream.Position = 0;
        wider._reservoir.Read(new BinaryReader(stream), Classes);
        return wider;
    }

    protected override double PredictScalar(in FeatureSpan x)
    {
        Span<double> output = stackalloc double[2];
        PredictClasses(x, output[..Math.Max(1, Classes)]);
        return Classes == 0 ? output[0] : output[1];
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        HeadModel.Scores(_weights, _bias, x.Dense, probabilities[.._bias.Length]);
        HeadModel.Answer(_link, _isRectified, probabilities, _bias.Length);
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        // All that can be refused comes before anything changes.
        var (draw, rows, replayed) = (_draw, _bias.Length, _reservoir.Count == 0 ? 0 : _replay);
        Gradient(x.Dense, label, weight, _gradients.AsSpan(0, rows));
        for (var i = 0; i < replayed; i++)
        {
            _drawn[i] = draw.Next(_reservoir.Count);
            Gradient(_reservoir[_drawn[i]], _reservoir.LabelOf(_drawn[i]), _reservoir.WeightOf(_drawn[i]), _gradients.AsSpan((1 + i) * rows, rows));
        }

        if (_momentum > 0)
            Decay();
        Step(x.Dense, _gradients.AsSpan(0, rows));
        for (var i = 0; i < replayed; i++)
            Step(_reservoir[_drawn[i]], _gradients.AsSpan((1 + i) * rows, rows));
        if (_momentum > 0)
            Move();
        if (_ewc > 0)
            _anchor?.Pull(_weights, _bias, _rate * _ewc);
        _draw = draw;
        _reservoir.Offer(x.Dense, label, weight, ref _draw);
    }

    /// <summary>An embedding has no hashed features, whatever the table.</summary>
    internal override void CheckShape(in FeatureSpan x)
    {
        if (x.HashedIndices.Length > 0)
            throw new ArgumentException($"The row holds {x.HashedIndices.Length} hashed features; {Type} learns on the numbers of an embedding: leave hash and cross out of the pipeline.", nameof(x));
        RowCheck.Shape(x, Shape.DenseCount, 0);
    }

    protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_bias.Length);
        writer.Write((byte)((byte)_link | (_isRectified ? RectifiedFlag : 0)));
        HeadAnchor.Write(writer, _weights);
        HeadAnchor.Write(writer, _bias);
        HeadAnchor.Write(writer, _velocity);
        writer.Write(_draw.State);
        writer.Write(_anchor is not null);
        _anchor?.Write(writer);
        _reservoir.Write(writer);
    }

    protected override void ReadState(BinaryReader reader)
    {
        // Of two classes there may be one row or two, as the network has it.
        var rows = reader.ReadInt32();
        var link = reader.ReadByte();
        (_link, _isRectified) = ((Link)(link & ~RectifiedFlag), (link & RectifiedFlag) != 0);
        (_weights, _bias, _velocity) = (HeadAnchor.ReadValues(reader), HeadAnchor.ReadValues(reader), HeadAnchor.ReadValues(reader));
        if (_bias.Length != rows || _weights.Length != rows * Shape.DenseCount || HeadModel.ClassesOf(rows, _link) != Classes)
            throw new LearnerException($"The saved head has {rows} rows and {_weights.Length} weights, which are not those of {Classes} classes over {Shape.DenseCount} numbers.");
        _gradients = new double[(1 + _replay) * rows];
        _draw = new SplitMix64(reader.ReadUInt64());
        _anchor = reader.ReadBoolean() ? HeadAnchor.Read(reader) : null;
        _reservoir.Read(reader, Classes);
    }

    private static double[] Rows(double[] rows, int before, int after, int width) => [.. new double[before * width], .. rows, .. new double[after * width]];

    /// <summary>p − 1ᵧ for each row, times the weight.</summary>
    private void Gradient(ReadOnlySpan<double> h, double label, double weight, Span<double> gradient)
    {
        HeadModel.Scores(_weights, _bias, h, gradient);
        if (_isRectified)
        {
            if (_scores.Length != gradient.Length)
                _scores = new double[gradient.Length];
            gradient.CopyTo(_scores);
            TensorPrimitives.Max(gradient, 0, gradient);
        }

        if (gradient.Length > 1)
        {
            Probabilities.Softmax(gradient);
            gradient[(int)label] -= 1;
        }
        else
        {
            gradient[0] = (_link == Link.Logistic ? Probabilities.Logistic(gradient[0]) : gradient[0]) - label;
        }

        for (var r = 0; r < gradient.Length; r++)
        {
            if (_isRectified && _scores[r] <= 0 && gradient[r] > 0)
                gradient[r] = 0;
            gradient[r] = GradientGuard.Clip(gradient[r] * weight, _clip, Type, Examples);
        }
    }

    private void Step(ReadOnlySpan<double> h, ReadOnlySpan<double> gradient)
    {
        // With momentum the gradient goes into the velocity first.
        var gathers = _momentum > 0;
        var weights = gathers ? _velocity.AsSpan(0, _weights.Length) : _weights;
        var bias = gathers ? _velocity.AsSpan(_weights.Length) : _bias;
        var rate = gathers ? -1 : _rate;
        for (var r = 0; r < gradient.Length; r++)
        {
            var row = weights.Slice(r * h.Length, h.Length);
            TensorPrimitives.MultiplyAdd(h, -rate * gradient[r], row, row);
            bias[r] -= rate * gradient[r];
        }
    }

    private void Decay()
    {
        if (_velocity.Length == 0)
            _velocity = new double[_weights.Length + _bias.Length];
        TensorPrimitives.Multiply(_velocity, _momentum, _velocity);
    }

    private void Move()
    {
        TensorPrimitives.MultiplyAdd(_velocity.AsSpan(0, _weights.Length), -_rate, _weights, _weights);
        TensorPrimitives.MultiplyAdd(_velocity.AsSpan(_weights.Length), -_rate, _bias, _bias);
    }
}
