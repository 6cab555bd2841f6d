using System.Net;

namespace OrleansMl.Gateway;

/// <summary>Settings of the HTTP gateway.</summary>
public sealed class GatewayOptions
{
    /// <summary>Largest body, in bytes, where nothing else is said. Default 16 MiB.</summary>
    public long MaxBodyBytes { get; set; } = 16L << 20;

    /// <summary>Largest body of <c>/v2/…/infer</c> and of a version to register, in bytes. Default 64 MiB.</summary>
    public long MaxLargeBodyBytes { get; set; } = 64L << 20;

    /// <summary>Largest application file, in bytes. Default 1 MiB.</summary>
    public long MaxApplicationBytes { get; set; } = 1L << 20;

    /// <summary>Most items of one batch. Default 10,000.</summary>
    public int MaxBatchItems { get; set; } = 10_000;

    /// <summary>Predictions of one batch in flight at once. Default 64.</summary>
    public int BatchConcurrency { get; set; } = 64;

    /// <summary>How long a stream of events may be silent before a comment keeps its connection open. Default 15 s.</summary>
    public TimeSpan EventHeartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the answer to an <c>Idempotency-Key</c> is kept. Default 10 minutes.</summary>
    public TimeSpan IdempotencyHorizon { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Answers kept for <c>Idempotency-Key</c>; the oldest go first. Default 10,000.</summary>
    public int IdempotencyEntries { get; set; } = 10_000;

    /// <summary>Bytes of answers kept for <c>Idempotency-Key</c>; the oldest go first. Default 64 MiB.</summary>
    public long IdempotencyBytes { get; set; } = 64L << 20;

    /// <summary>Write a line for each request to the log, in the category <c>OrleansMl.Access</c>. Default false.</summary>
    public bool AccessLog { get; set; }

    /// <summary>API keys; none: no key is asked for, which is allowed on loopback only.</summary>
    public IList<GatewayKey> Keys { get; } = [];

    /// <summary>
    /// Name in the server metadata of <c>/v2</c>. Default "triton": the protocol leaves the name free, and ready-made
    /// client scripts of the ecosystem refuse any other.
    /// </summary>
    public string ServerName { get; set; } = "triton";

    /// <summary>Version of the product, for <c>/v2</c> and <c>/status</c>.</summary>
    public string ProductVersion { get; set; } = typeof(GatewayOptions).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>orleans | standin, for <c>/status</c>.</summary>
    public string Engine { get; set; } = "orleans";

    /// <summary>Package → what it is here ("10.4.2", "stand-in: …"), for <c>/status</c>.</summary>
    public IDictionary<string, string> Packages { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Addresses of the silos that are active now, for <c>/status</c>; null: this process alone.</summary>
    public Func<IReadOnlyList<string>>? Silos { get; set; }

    /// <summary>Checks the options against the address that the server will listen on.</summary>
    /// <exception cref="GatewayConfigurationException">They do not allow a start.</exception>
    public void Validate(IPAddress bindAddress)
    {
        ArgumentNullException.ThrowIfNull(bindAddress);
        Positive(MaxBodyBytes, nameof(MaxBodyBytes));
        Positive(MaxLargeBodyBytes, nameof(MaxLargeBodyBytes));
        Positive(MaxApplicationBytes, nameof(MaxApplicationBytes));
        Positive(MaxBatchItems, nameof(MaxBatchItems));
        Positive(BatchConcurrency, nameof(BatchConcurrency));
        Positive(IdempotencyEntries, nameof(IdempotencyEntries));
        Positive(IdempotencyBytes, nameof(IdempotencyBytes));
        Positive(IdempotencyHorizon.Ticks, nameof(IdempotencyHorizon));
        Positive(EventHeartbeat.Ticks, nameof(EventHeartbeat));
        foreach (var key in Keys)
        {
            if (string.IsNullOrWhiteSpace(key.Name))
                throw new GatewayConfigurationException("A gateway key has no name; give each key a name, it stands in promotion logs.");
            if (key.Sha256 is not { Length: 64 } || !key.Sha256.All(char.IsAsciiHexDigit))
                throw new GatewayConfigurationException($"The hash of gateway key '{key.Name}' is not 64 hexadecimal digits; give the SHA-256 of the key (printf %s KEY | sha256sum).");
            if (key.Roles == GatewayRoles.None)
                throw new GatewayConfigurationException($"Gateway key '{key.Name}' has no role; give one of predict, ingest, label, operate, admin.");
            if (key.RequestsPerSecond is { } rate && !(rate > 0 && double.IsFinite(rate)))
                throw new GatewayConfigurationException($"RequestsPerSecond of gateway key '{key.Name}' is {rate}; give a number above 0, or leave it out for no quota.");
            if (key.Burst is { } burst && (burst < 1 || key.RequestsPerSecond is null))
                throw new GatewayConfigurationException($"Burst of gateway key '{key.Name}' is {burst}; give a number from 1, beside RequestsPerSecond.");
        }

        if (Keys.Count == 0 && !IPAddress.IsLoopback(bindAddress))
        {
            throw new GatewayConfigurationException(
                $"The gateway would listen on {bindAddress}, beyond loopback, and no key is configured: anyone who reaches it could change models. " +
                "Configure at least one key (Gateway:Keys), or bind to 127.0.0.1.");
        }
    }

    private static void Positive(long value, string name)
    {
        if (value <= 0)
            throw new GatewayConfigurationException($"The gateway option {name} is {value}; give a number above 0.");
    }
}
