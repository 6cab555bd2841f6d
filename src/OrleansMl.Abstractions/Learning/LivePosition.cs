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
