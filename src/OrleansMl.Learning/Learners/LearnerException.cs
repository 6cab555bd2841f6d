namespace OrleansMl.Learning;

/// <summary>A learner cannot be made or restored; the message names the thing, the value and the remedy.</summary>
public sealed class LearnerException(string message, Exception? inner = null) : Exception(message, inner);
