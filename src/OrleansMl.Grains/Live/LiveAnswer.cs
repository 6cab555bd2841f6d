namespace OrleansMl.Live;

/// <summary>What a live learner says.</summary>
/// <param name="Version">The version that it stands on.</param>
/// <param name="Revision">Of the learner: all values are of this one.</param>
/// <param name="Values">One for each vector, before post-processing. Not finite: it has none.</param>
internal sealed record LiveAnswer(int Version, long Revision, double[] Values);
