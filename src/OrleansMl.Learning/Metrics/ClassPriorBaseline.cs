namespace OrleansMl.Learning;

/// <summary>
/// Predicts the classes by how often they came: (n_c + 1)/(n + C), Laplace's rule of succession, so that a class that has not come
/// yet is improbable and not impossible.
/// </summary>
public sealed class ClassPriorBaseline
{
    internal const string Kind = "class_prior";
    internal const byte Version = 1;

    private readonly long[] _counts;
    private long _squares;
    private int _most;

    /// <param name="classes">C ≥ 2.</param>
    public ClassPriorBaseline(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _counts = new long[classes];
    }

    /// <summary>C.</summary>
    public int Classes => _counts.Length;

    /// <summary>Labels learned.</summary>
    public long Count { get; private set; }

    /// <summary>What it says before the next label. Never changes the baseline.</summary>
    /// <param name="probabilities">[C], written.</param>
    public void Predict(Span<double> probabilities)
    {
        for (var i = 0; i < _counts.Length; i++)
            probabilities[i] = ProbabilityOf(i);
    }

    /// <summary>What its prediction is worth against a label; it takes as long for a thousand classes as for three.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label is no class.</exception>
    public ClassAnswer Answer(double label)
    {
        var ofTruth = ProbabilityOf(Place(label));

        // Σ (n_c + 1)² = Σ n_c² + 2n + C.
        double total = Count + Classes;
        return new ClassAnswer(_most, ofTruth, ((_squares + (2 * Count) + Classes) / (total * total)) + 1 - (2 * ofTruth));
    }

    /// <exception cref="ArgumentOutOfRangeException">The label is no class.</exception>
    public void Learn(double label)
    {
        var place = Place(label);
        _squares += (2 * _counts[place]++) + 1;
        if (_counts[place] > _counts[_most] || (_counts[place] == _counts[_most] && place < _most))
            _most = place;
        Count++;
    }

    /// <summary>Versioned bytes.</summary>
    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(_counts.Length);
        foreach (var count in _counts)
            writer.Write(count);
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static ClassPriorBaseline Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) =>
    {
        if ((kind, version) is not (Kind, Version))
            throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}.");
        var baseline = new ClassPriorBaseline(reader.ReadInt32());
        for (var i = 0; i < baseline._counts.Length; i++)
        {
            var count = baseline._counts[i] = reader.ReadInt64();
            baseline.Count += count;
            baseline._squares += count * count;
            baseline._most = count > baseline._counts[baseline._most] ? i : baseline._most;
        }

        return baseline;
    });

    private double ProbabilityOf(int place) => (_counts[place] + 1.0) / (Count + Classes);

    private int Place(double label)
    {
        var place = (int)label;
        return place == label && place >= 0 && place < _counts.Length
            ? place
            : throw new ArgumentOutOfRangeException(nameof(label), label, $"The label is no class from 0 to {_counts.Length - 1}.");
    }
}
