namespace OrleansMl;

/// <summary>Where a learner, or a copy of it, stands.</summary>
/// <param name="Lineage">Of the learner; 0: there is no copy yet.</param>
/// <param name="Generation">Rises whenever the learner is put back or forgets: revisions of two generations cannot be compared.</param>
/// <param name="Epoch">One run of updates by one activation: within it a revision is a state, and updates lead from one to the next.</param>
/// <param name="Revision">Updates so far.</param>
[GenerateSerializer, Immutable, Alias("oml.LivePosition")]
public readonly record struct LivePosition(
    [property: Id(0)] int Lineage,
    [property: Id(1)] long Generation,
    [property: Id(2)] Guid Epoch,
    [property: Id(3)] long Revision);

/// <summary>The version that live answers stand on. While another is champion, that one answers.</summary>
/// <param name="Version">The last version that was cut from the learner and became champion.</param>
/// <param name="Coming">The version that is about to follow it; null: none is.</param>
/// <param name="PlanRevision">Revision of the plan that made it champion; a silo with an older plan will hear of it. 0: not known.</param>
[GenerateSerializer, Immutable, Alias("oml.LiveBase")]
public sealed record LiveBase([property: Id(0)] int Version, [property: Id(1)] int? Coming, [property: Id(2)] long PlanRevision);

/// <summary>What a follower of a live learner has.</summary>
/// <param name="Position">Where its copy stands; default: it has none.</param>
/// <param name="Base">The base that it knows; null: none.</param>
[GenerateSerializer, Immutable, Alias("oml.LiveQuery")]
public sealed record LiveQuery([property: Id(0)] LivePosition Position, [property: Id(1)] LiveBase? Base);

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

/// <summary>A part of a learner's whole state.</summary>
/// <param name="Bytes">Empty: that state is not kept any more; ask for updates again.</param>
[GenerateSerializer, Immutable, Alias("oml.LiveStatePart")]
public sealed record LiveStatePart([property: Id(0)] ReadOnlyMemory<byte> Bytes);
