namespace OrleansMl.Outcomes;

/// <summary>Features for an example could not be read now: the outcome is to come again, or its learner would learn what was never so.</summary>
internal sealed class VectorUnavailableException(string detail) : Exception(detail);
