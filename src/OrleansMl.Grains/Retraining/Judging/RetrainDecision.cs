namespace OrleansMl.Retraining;

/// <summary>What became of a candidate.</summary>
/// <param name="Word">promoted | rolling_out | registered | rejected.</param>
/// <param name="Reason">In words.</param>
internal sealed record RetrainDecision(string Word, string Reason)
{
    public const string Promoted = "promoted";
    public const string RollingOut = "rolling_out";
    public const string Registered = "registered";
    public const string Rejected = "rejected";
}
