using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>The detectors by name.</summary>
public static class DriftDetectors
{
    private const int Most = 1_000_000;

    /// <summary>Those that watch a stream without a reference sample, with what can be set.</summary>
    public static ImmutableArray<DriftDetectorKind> Kinds { get; } =
    [
        new(AdwinDetector.Name, takesErrors: false, hasLevel: true,
            [
                Level("delta", AdwinDetector.DefaultDelta, "bound of the probability of a false alarm per look"),
                LearnerParameter.Integer("clock", AdwinDetector.DefaultClock, 1, Most, "looks at every n-th value"),
            ],
            (p, tests) => new AdwinDetector(p.Number("delta") / tests, p.Integer("clock"))),
        new(PageHinkleyDetector.Name, takesErrors: false, hasLevel: false,
            [
                LearnerParameter.Number("delta", 0.005, 0, 1e9, "change that is tolerated, in the unit of the values"),
                LearnerParameter.Number("threshold", 50, 0, 1e12, "alarms above it, in the unit of the values", openMin: true),
                LearnerParameter.Number("alpha", 0.9999, 0, 1, "fading of the sums", openMin: true),
                LearnerParameter.Integer("minimumCount", 30, 1, Most, "no alarm before"),
            ],
            (p, _) => new PageHinkleyDetector(p.Number("delta"), p.Number("threshold"), p.Number("alpha"), p.Integer("minimumCount"))),
        new(DdmDetector.Name, takesErrors: true, hasLevel: false,
            [
                LearnerParameter.Integer("warmUp", 30, 1, Most, "values before the first judgement"),
                LearnerParameter.Number("warning", 2, 0, 1000, "deviations of the warning", openMin: true),
                LearnerParameter.Number("drift", 3, 0, 1000, "deviations of the alarm, at least those of the warning", openMin: true),
            ],
            (p, _) => new DdmDetector(p.Integer("warmUp"), p.Number("warning"), p.Number("drift"))),
        new(EddmDetector.Name, takesErrors: true, hasLevel: false,
            [
                LearnerParameter.Integer("warmUp", 30, 1, Most, "values and errors before the first judgement"),
                LearnerParameter.Number("alpha", 0.95, 0, 1, "of the warning", openMin: true),
                LearnerParameter.Number("beta", 0.9, 0, 1, "of the alarm, at most that of the warning", openMin: true),
            ],
            (p, _) => new EddmDetector(p.Integer("warmUp"), p.Number("alpha"), p.Number("beta"))),
        new(HddmAverageDetector.Name, takesErrors: true, hasLevel: true,
            [Level("drift", 0.001, "confidence of the alarm"), Level("warning", 0.005, "confidence of the warning")],
            (p, tests) => new HddmAverageDetector(p.Number("drift") / tests, p.Number("warning"))),
        new(HddmWeightedDetector.Name, takesErrors: true, hasLevel: true,
            [
                Level("drift", 0.001, "confidence of the alarm"),
                Level("warning", 0.005, "confidence of the warning"),
                LearnerParameter.Number("lambda", 0.05, 0, 1, "weight of the newest value", openMin: true),
            ],
            (p, tests) => new HddmWeightedDetector(p.Number("drift") / tests, p.Number("warning"), p.Number("lambda"))),
        new(KswinDetector.Name, takesErrors: false, hasLevel: true,
            [
                LearnerParameter.Number("alpha", 0.0001, 0, 1, "level of the test at every value", openMin: true, openMax: true),
                LearnerParameter.Integer("window", 300, 4, 10_000, "values kept, at least twice the recent ones"),
                LearnerParameter.Integer("recent", 30, 2, 5000, "newest values that are compared"),
                LearnerParameter.Integer("seed", 1, 0, int.MaxValue, "of the draws"),
            ],
            (p, tests) => new KswinDetector(p.Number("alpha") / tests, p.Integer("window"), p.Integer("recent"), p.Integer("seed"))),
    ];

    /// <summary>Types that watch a stream without a reference sample.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Kinds.Select(kind => kind.Name)];

    /// <summary>The type of a name; null: there is none.</summary>
    public static DriftDetectorKind? Find(string type) => Kinds.FirstOrDefault(kind => kind.Name == type);

    /// <summary>A detector with its default options. For one with a reference sample see <see cref="ChunkDriftDetector"/>.</summary>
    /// <exception cref="LearnerException">An unknown type.</exception>
    public static IDriftDetector Create(string type)
        => (Find(type) ?? throw new LearnerException($"There is no drift detector '{type}' (available: {string.Join(", ", Types)}).")).Create();

    /// <summary>Brings back what <see cref="IDriftDetector.Save"/> wrote.</summary>
    /// <exception cref="LearnerException">Damaged bytes, an unknown type or a version of the future.</exception>
    public static IDriftDetector Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (type, version, reader) =>
    {
        if (version != DriftDetector.Version)
            throw new LearnerException($"The saved state is {type} of version {version}; this program reads version {DriftDetector.Version}.");
        DriftDetector detector = type switch
        {
            AdwinDetector.Name => new AdwinDetector(reader.ReadDouble(), reader.ReadInt32()),
            PageHinkleyDetector.Name => new PageHinkleyDetector(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt32()),
            DdmDetector.Name => new DdmDetector(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble()),
            EddmDetector.Name => new EddmDetector(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble()),
            HddmAverageDetector.Name => new HddmAverageDetector(reader.ReadDouble(), reader.ReadDouble()),
            HddmWeightedDetector.Name => new HddmWeightedDetector(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()),
            KswinDetector.Name => new KswinDetector(reader.ReadDouble(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64()),
            ChunkDriftDetector.Name => ChunkDriftDetector.ReadOptions(reader),
            _ => throw new LearnerException($"The saved state is of '{type}', which is no drift detector of this program."),
        };
        detector.Read(reader);
        return detector;
    });

    private static LearnerParameter Level(string name, double fallback, string about) => LearnerParameter.Number(name, fallback, 0, 1, about, openMin: true);
}
