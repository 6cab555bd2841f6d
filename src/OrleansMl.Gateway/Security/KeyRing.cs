using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.Security;

/// <summary>
/// Checks <c>Authorization: Bearer KEY</c>. Without configured keys everyone may do everything: that is only possible on
/// loopback. Where keys are configured they are needed on loopback too: a proxy on the same machine is no credential.
/// </summary>
internal sealed class KeyRing(IOptions<GatewayOptions> options)
{
    private const string Scheme = "Bearer ";
    private static readonly object CallerItem = new();

    private readonly (byte[] Hash, GatewayKey Key)[] _keys =
        [.. options.Value.Keys.Select(key => (Convert.FromHexString(key.Sha256), key))];

    /// <summary>Name of the caller's key, or "api".</summary>
    public static string CallerOf(HttpContext context) => context.Items[CallerItem] as string ?? "api";

    /// <exception cref="ApiException">401 without a known key, 403 without the role.</exception>
    public void Demand(HttpContext context, GatewayRoles role)
    {
        if (_keys.Length == 0 || role == GatewayRoles.None)
            return;
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw new ApiException(401, "unauthorized", $"This route needs a key with the role {Name(role)}; send 'Authorization: Bearer KEY'.");
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()), hash);
        GatewayKey? found = null;
        foreach (var (known, key) in _keys)
        {
            // every key is compared, in constant time, so that timing tells nothing of which one came close
            if (CryptographicOperations.FixedTimeEquals(known, hash))
                found = key;
        }

        if (found is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            throw new ApiException(401, "unauthorized", "The key is not known; ask the operator for one.");
        }

        if ((found.Roles & (role | GatewayRoles.Admin)) == 0)
            throw new ApiException(403, "forbidden", $"The key '{found.Name}' lacks the role {Name(role)}; it has {Name(found.Roles)}.");
        context.Items[CallerItem] = found.Name;
    }

    private static string Name(GatewayRoles roles) => roles.ToString().ToLowerInvariant();
}
