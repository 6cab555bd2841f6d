namespace OrleansMl.Jobs;

/// <summary>The attempt is over: another has begun, or the job has ended.</summary>
public sealed class JobFencedException(string message) : Exception(message);
