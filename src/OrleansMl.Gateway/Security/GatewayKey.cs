namespace OrleansMl.Gateway;

/// <summary>An API key as configured: never the key, only its hash.</summary>
public sealed class GatewayKey
{
    /// <summary>Who: stands in promotion logs.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key's UTF-8 bytes, 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    public required GatewayRoles Roles { get; init; }
}
