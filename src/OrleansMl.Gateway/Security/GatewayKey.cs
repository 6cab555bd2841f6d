namespace OrleansMl.Gateway;

/// <summary>An API key as configured: never the key, only its hash.</summary>
public sealed class GatewayKey
{
    /// <summary>Who: stands in promotion logs.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key's UTF-8 bytes, 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    public required GatewayRoles Roles { get; init; }

    /// <summary>Requests a second that it may send on the average, at each gateway; beyond, 429. Null: as many as it likes.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Requests that it may send at once after a pause; null: those of a second, and at least one.</summary>
    public int? Burst { get; init; }
}
