namespace OrleansMl.Learning;

/// <summary>
/// What all learners of this folder but <see cref="LinearLearner"/> share: rows and labels are checked before anything
/// changes; the bytes hold seed, shape, parameters, count, then the state of the kind.
/// </summary>
internal abstract class OnlineLearner(string type, in LearnerShape shape, ParameterSet parameters, long seed) : IMulticlassLearner
{
    private const byte StateVersion = 1;

    private readonly LearnerShape _shape = shape;

    public string Type { get; } = type;

    public long Examples { get; private set; }

    /// <summary>0 for a value.</summary>
    public int Classes => _shape.Classes;

    protected ref readonly LearnerShape Shape => ref _shape;

    protected long Seed => seed;

    public double PredictOne(in FeatureSpan x)
    {
        CheckShape(x);
        if (_shape.IsScalar)
            return PredictScalar(x);
        Span<double> probabilities = _shape.Classes <= Probabilities.OnStack ? stackalloc double[_shape.Classes] : new double[_shape.Classes];
        PredictClasses(x, probabilities);
        return Probabilities.MostProbable(probabilities);
    }

    public void PredictProbabilities(in FeatureSpan x, Span<double> probabilities)
    {
        CheckShape(x);
        if (_shape.IsRegression)
            throw new InvalidOperationException($"This {Type} predicts a value; it has no classes.");
        if (probabilities.Length != _shape.Classes)
            throw new ArgumentException($"There are {_shape.Classes} classes and room for {probabilities.Length}.", nameof(probabilities));
        PredictClasses(x, probabilities);
    }

    public void LearnOne(in FeatureSpan x, double label, double weight = 1)
    {
        RowCheck.Weight(weight);
        RowCheck.Label(label, _shape.Classes, Type);
        CheckShape(x);
        RowCheck.Values(x);
        Learn(x, label, weight);
        Examples++;
    }

    public abstract LearnerModel Snapshot();

    public byte[] Save() => StateEnvelope.Seal(Type, StateVersion, writer =>
    {
        writer.Write(seed);
        _shape.Write(writer);
        parameters.Write(writer);
        writer.Write(Examples);
        WriteState(writer);
    });

    internal static ILearner Restore(string type, byte version, BinaryReader reader, IReadOnlyDictionary<string, object>? parameters)
    {
        if (version != StateVersion)
            throw new LearnerException($"The state of {type} has version {version}; this program reads version {StateVersion}.");
        var seed = reader.ReadInt64();
        var shape = LearnerShape.Read(reader);
        var saved = ParameterSet.ReadGiven(reader);
        if (parameters is not null)
            CheckStructure(type, shape.Classes, saved, parameters);
        var learner = (OnlineLearner)LearnerFactory.Create(type, parameters ?? saved, shape, seed);
        learner.Examples = reader.ReadInt64();
        learner.ReadState(reader);
        return reader.BaseStream.Position == reader.BaseStream.Length
            ? learner
            : throw new LearnerException($"The saved state of {type} is longer than it should be.");
    }

    private static void CheckStructure(string type, int classes, Dictionary<string, object> saved, IReadOnlyDictionary<string, object> parameters)
    {
        foreach (var parameter in LearnerFactory.Find(type)!.Parameters(classes, saved).Where(parameter => parameter.IsStructural))
        {
            var now = parameters.TryGetValue(parameter.Name, out var given) ? parameter.Read(given) : parameter.Default;
            if (!Equals(now, saved.GetValueOrDefault(parameter.Name)))
                throw new LearnerException(FormattableString.Invariant($"What {type} learned has {parameter.Name} {saved.GetValueOrDefault(parameter.Name)}, not {now}: reset it, or give the old value."));
        }
    }

    /// <summary>Probability of class 1, or the value; called when <see cref="LearnerShape.IsScalar"/>.</summary>
    protected abstract double PredictScalar(in FeatureSpan x);

    /// <summary>[C], written; called when there are classes.</summary>
    protected abstract void PredictClasses(in FeatureSpan x, Span<double> probabilities);

    /// <summary>Learns a row that was checked.</summary>
    protected abstract void Learn(in FeatureSpan x, double label, double weight);

    protected abstract void WriteState(BinaryWriter writer);

    protected abstract void ReadState(BinaryReader reader);

    /// <summary>Goes on counting where another learner is.</summary>
    protected void CountFrom(OnlineLearner other) => Examples = other.Examples;

    /// <summary>Refuses a row that the learner cannot take, to predict or to learn.</summary>
    internal virtual void CheckShape(in FeatureSpan x) => RowCheck.Shape(x, _shape.DenseCount, _shape.TableSize);
}
