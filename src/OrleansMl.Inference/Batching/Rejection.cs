namespace OrleansMl.Inference;

/// <summary>A request was not run, through no fault of its own: it may be sent again.</summary>
/// <param name="Reason">One of <see cref="RejectionReasons"/>.</param>
/// <param name="Detail">For a person: what was reached, its limit, and what helps.</param>
public sealed record Rejection(string Reason, string Detail);
