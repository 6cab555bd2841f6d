using System.Globalization;
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
internal sealed class KeyRing(IOptions<GatewayOptions> options, TimeProvider time)
{
    private const string Scheme = "Bearer ";
    private static readonly object CallerItem = new();
    private static readonly object KeyItem = new();

    private readonly (byte[] Hash, GatewayKey Key, KeyQuota Quota)[] _keys =
        [.. options.Value.Keys.Select(key => (Convert.FromHexString(key.Sha256), key, new KeyQuota(key, time)))];

    /// <summary>Name of the caller's key, or "api".</summary>
    public static string CallerOf(HttpContext context) => context.Items[CallerItem] as string ?? "api";

    /// <summary>Asks for a role beyond the route's, of a caller who has passed <see cref="Demand"/>: where what is sent decides.</summary>
    /// <exception cref="ApiException">403 without the role.</exception>
    public static void DemandToo(HttpContext context, GatewayRoles role)
    {
        if (context.Items[KeyItem] is GatewayKey key)
            Check(key, role);
    }

    /// <exception cref="ApiException">401 without a known key, 403 without the role, 429 beyond the key's quota.</exception>
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
        (GatewayKey Key, KeyQuota Quota)? match = null;
        foreach (var (known, key, quota) in _keys)
        {
            // every key is compared, in constant time, so that timing tells nothing of which one came close
            if (CryptographicOperations.FixedTimeEquals(known, hash))
                match = (key, quota);
        }

        if (match is not var (found, allowed))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            throw new ApiException(401, "unauthorized", "The key is not known; ask the operator for one.");
        }

        Check(found, role);
        context.Items[CallerItem] = found.Name;
        context.Items[KeyItem] = found;
        if (!allowed.TryTake(out var wait))
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            throw new ApiException(429, "quota", $"The key '{found.Name}' may send {found.RequestsPerSecond} requests a second and has sent more; wait {Math.Ceiling(wait.TotalSeconds)} s, or ask the operator for a larger quota.");
        }
    }

    private static void Check(GatewayKey key, GatewayRoles role)
    {
        if ((key.Roles & (role | GatewayRoles.Admin)) == 0)
            throw new ApiException(403, "forbidden", $"The key '{key.Name}' lacks the role {Name(role)}; it has {Name(key.Roles)}.");
    }

    private static string Name(GatewayRoles roles) => roles.ToString().ToLowerInvariant();
}
