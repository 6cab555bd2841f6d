namespace OrleansMl.Learning;

/// <summary>The detectors by name.</summary>
public static class DriftDetectors
{
    /// <summary>Types that watch a stream without a reference sample.</summary>
    public static IReadOnlyList<string> Types { get; } = [AdwinDetector.Name, PageHinkleyDetector.Name, DdmDetector.Name, EddmDetector.Name, HddmAverageDetector.Name, HddmWeightedDetector.Name, KswinDetector.Name];

    /// <summary>A detector with its default options. For one with a reference sample see <see cref="ChunkDriftDetector"/>.</summary>
    /// <exception cref="LearnerException">An unknown type.</exception>
    public static IDriftDetector Create(string type) => type switch
    {
        AdwinDetector.Name => new AdwinDetector(),
        PageHinkleyDetector.Name => new PageHinkleyDetector(),
        DdmDetector.Name => new DdmDetector(),
        EddmDetector.Name => new EddmDetector(),
        HddmAverageDetector.Name => new HddmAverageDetector(),
        HddmWeightedDetector.Name => new HddmWeightedDetector(),
        KswinDetector.Name => new KswinDetector(),
        _ => throw new LearnerException($"There is no drift detector '{type}' (available: {string.Join(", ", Types)})."),
    };

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
}
