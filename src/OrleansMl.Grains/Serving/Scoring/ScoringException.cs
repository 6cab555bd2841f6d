namespace OrleansMl.Serving;

/// <summary>A version cannot make a score of a vector; the message says why and what to change.</summary>
public sealed class ScoringException(string message, Exception? inner = null) : Exception(message, inner);
