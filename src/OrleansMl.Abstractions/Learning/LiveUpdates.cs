namespace OrleansMl;

/// <summary>What brings a copy of a live learner up to date, or a part of it.</summary>
[GenerateSerializer, Immutable, Alias("oml.LiveUpdates")]
public sealed record LiveUpdates
{
    /// <summary>Where the copy stands once it has taken all of this.</summary>
    [Id(0)] public LivePosition Position { get; init; }

    /// <summary>What live answers stand on; null: there are none now, and a copy is not needed.</summary>
    [Id(1)] public LiveBase? Base { get; init; }

    /// <summary>Revision of the learner itself.</summary>
    [Id(2)] public long Latest { get; init; }

    /// <summary>Transformed rows with label and weight as they were learned, one for each revision, ending with that of <see cref="Position"/>.</summary>
    [Id(3)] public ReadOnlyMemory<byte> Rows { get; init; }

    /// <summary>
    /// Above 0: updates do not lead here from where the copy stands; the whole state of <see cref="Position"/> is to be read, which has so many bytes.
    /// </summary>
    [Id(4)] public long StateLength { get; init; }

    /// <summary>A revision whose state is known; 0: none.</summary>
    [Id(5)] public long CheckRevision { get; init; }

    /// <summary>SHA-256 of the learner's saved state at <see cref="CheckRevision"/>, [32].</summary>
    [Id(6)] public ReadOnlyMemory<byte> Check { get; init; }
}
