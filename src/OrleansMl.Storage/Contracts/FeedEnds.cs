namespace OrleansMl.Storage;

/// <summary>Where the feeds of a model end: all that a monitor that begins now has missed.</summary>
/// <param name="Predictions">Sequence of the last prediction; 0: none.</param>
/// <param name="Labelled">Sequence of the last prediction that got its first label; 0: none. It rises by one with each.</param>
public readonly record struct FeedEnds(long Predictions, long Labelled);
