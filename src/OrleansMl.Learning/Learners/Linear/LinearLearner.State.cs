namespace OrleansMl.Learning;

/// <content>The bytes of a learner: options, counters, touched weights with the optimiser's state.</content>
public sealed partial class LinearLearner
{
    private const byte StateVersion = 1;

    public byte[] Save() => StateEnvelope.Seal(Type, StateVersion, writer =>
    {
        writer.Write(_options.LearningRate);
        writer.Write(_options.PowerT);
        writer.Write(_options.Adaptive);
        writer.Write(_options.Normalized);
        writer.Write(_options.Invariant);
        writer.Write(_options.L2);
        writer.Write(_options.ClipToLabelRange);
        writer.Write(_dense.Length);
        writer.Write(_hashBits);
        writer.Write(Examples);
        writer.Write(_contraction);
        writer.Write(_seenWeight);
        writer.Write(_learnedWeight);
        writer.Write(_sumNorm);
        writer.Write(_minLabel);
        writer.Write(_maxLabel);
        WriteSlot(writer, _bias);
        foreach (var slot in _dense)
            WriteSlot(writer, slot);
        foreach (var (index, slot) in Touched())
        {
            writer.Write(index);
            WriteSlot(writer, slot);
        }

        writer.Write(-1);
    });

    internal static LinearLearner Restore(string type, byte version, BinaryReader reader, IReadOnlyDictionary<string, object>? parameters)
    {
        if (version != StateVersion)
            throw new LearnerException($"The state of {type} has version {version}; this program reads version {StateVersion}.");
        var options = new LinearOptions
        {
            LearningRate = reader.ReadDouble(),
            PowerT = reader.ReadDouble(),
            Adaptive = reader.ReadBoolean(),
            Normalized = reader.ReadBoolean(),
            Invariant = reader.ReadBoolean(),
            L2 = reader.ReadDouble(),
            ClipToLabelRange = reader.ReadBoolean(),
        };
        var logistic = type == LogisticRegression;
        if (parameters is not null)
            options = LinearOptions.From(ParameterSet.Read(type, LinearOptions.Parameters(logistic), parameters), logistic);
        var learner = new LinearLearner(logistic, options, reader.ReadInt32(), reader.ReadInt32())
        {
            Examples = reader.ReadInt64(),
            _contraction = reader.ReadDouble(),
            _seenWeight = reader.ReadDouble(),
            _learnedWeight = reader.ReadDouble(),
            _sumNorm = reader.ReadDouble(),
            _minLabel = reader.ReadDouble(),
            _maxLabel = reader.ReadDouble(),
            _bias = ReadSlot(reader),
        };
        for (var i = 0; i < learner._dense.Length; i++)
            learner._dense[i] = ReadSlot(reader);
        for (var index = reader.ReadInt32(); index >= 0; index = reader.ReadInt32())
            learner._hashed!.At(index) = ReadSlot(reader);
        return learner;
    }

    private static void WriteSlot(BinaryWriter writer, in WeightSlot slot)
    {
        writer.Write(slot.Weight);
        writer.Write(slot.Adaptive);
        writer.Write(slot.Scale);
    }

    private static WeightSlot ReadSlot(BinaryReader reader)
        => new() { Weight = reader.ReadDouble(), Adaptive = reader.ReadDouble(), Scale = reader.ReadDouble() };
}
