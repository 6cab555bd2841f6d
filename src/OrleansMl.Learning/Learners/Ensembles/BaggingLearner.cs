using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Online bagging (Oza and Russell, 2001): each member learns an example as often as a Poisson number says, here as an
/// importance weight; the answer is the members' mean.
/// </summary>
internal sealed class BaggingLearner : OnlineLearner
{
    public const string Name = "bagging";

    private readonly ILearner[] _members;
    private readonly double _mean;
    private readonly IReadOnlyDictionary<string, object> _memberParameters;
    private SeededDraw _draw;

    /// <param name="memberParameters">Those that are not its own.</param>
    public BaggingLearner(in LearnerShape shape, ParameterSet parameters, long seed, IReadOnlyDictionary<string, object> memberParameters)
        : base(Name, shape, parameters, seed)
    {
        _memberParameters = memberParameters;
        _mean = parameters.Number("lambda");
        _draw = SeededDraw.For(seed, -1);
        _members = new ILearner[parameters.Integer("models")];
        for (var i = 0; i < _members.Length; i++)
            _members[i] = LearnerFactory.Create(parameters.Word("base"), memberParameters, shape, unchecked(seed + i));
    }

    /// <summary>Its own; those of the members come after them.</summary>
    public static ImmutableArray<LearnerParameter> Parameters(params ImmutableArray<string> bases) =>
    [
        LearnerParameter.Word("base", "hoeffding_tree", "type of the members, which take the other parameters", bases).Structural(),
        LearnerParameter.Integer("models", 10, 1, 100, "members").Structural(),
        LearnerParameter.Number("lambda", 1, 0, 20, "how often a member learns an example, on average", openMin: true),
    ];

    public override BaggedModel Snapshot() => new([.. _members.Select(member => member.Snapshot())]);

    internal override void CheckShape(in FeatureSpan x)
    {
        base.CheckShape(x);

        // What a member refuses is refused before any of them learns.
        (_members[0] as OnlineLearner)?.CheckShape(x);
    }

    protected override double PredictScalar(in FeatureSpan x)
    {
        double sum = 0;
        foreach (var member in _members)
            sum += member.PredictOne(x);
        return sum / _members.Length;
    }

    protected override void PredictClasses(in FeatureSpan x, Span<double> probabilities)
    {
        if (Shape.IsScalar)
        {
            var positive = PredictScalar(x);
            (probabilities[0], probabilities[1]) = (1 - positive, positive);
            return;
        }

        Span<double> one = probabilities.Length <= Probabilities.OnStack ? stackalloc double[probabilities.Length] : new double[probabilities.Length];
        probabilities.Clear();
        foreach (var member in _members)
        {
            ((IMulticlassLearner)member).PredictProbabilities(x, one);
            for (var c = 0; c < one.Length; c++)
                probabilities[c] += one[c] / _members.Length;
        }
    }

    protected override void Learn(in FeatureSpan x, double label, double weight)
    {
        foreach (var member in _members)
        {
            var times = _draw.Poisson(_mean);
            if (times > 0)
                member.LearnOne(x, label, Math.Min(weight * times, RowCheck.LargestWeight));
        }
    }

    protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_draw.State);
        foreach (var member in _members)
        {
            var state = member.Save();
            writer.Write(state.Length);
            writer.Write(state);
        }
    }

    protected override void ReadState(BinaryReader reader)
    {
        _draw = new SeededDraw(reader.ReadUInt64());
        for (var i = 0; i < _members.Length; i++)
            _members[i] = LearnerFactory.Restore(reader.ReadBytes(reader.ReadInt32()), _memberParameters);
    }
}
