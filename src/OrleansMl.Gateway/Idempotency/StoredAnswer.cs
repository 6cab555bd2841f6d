namespace OrleansMl.Gateway.Idempotency;

/// <summary>An answer kept for repeats of its request.</summary>
internal sealed record StoredAnswer(int Status, string? ContentType, string? Location, byte[] Body);
