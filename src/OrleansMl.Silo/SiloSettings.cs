using System.Net;
using Microsoft.Extensions.Configuration;
using OrleansMl.Jobs;
using OrleansMl.Serving;
using OrleansMl.Storage.Embedded;

namespace OrleansMl.Silo;

/// <summary>What a silo runs with: the command line, else the configuration file, else the default.</summary>
internal sealed record SiloSettings
{
    /// <summary>Full path of the data folder.</summary>
    public required string Data { get; init; }

    public required int HttpPort { get; init; }

    public required int GrpcPort { get; init; }

    public required IPAddress Bind { get; init; }

    /// <summary>Full path of the folder of models; null: none.</summary>
    public required string? Models { get; init; }

    /// <summary>Fields of <c>config.pbtxt</c> that are not supported are passed over.</summary>
    public required bool IsConfigLenient { get; init; }

    /// <summary>Application file; null: none.</summary>
    public required string? App { get; init; }

    public required StoreDurability Durability { get; init; }

    /// <summary>Port between silos; 0: a free one.</summary>
    public required int SiloPort { get; init; }

    /// <summary>Port for Orleans clients; 0: none.</summary>
    public required int GatewayPort { get; init; }

    public required string ClusterId { get; init; }

    public required string ServiceId { get; init; }

    public required StreamSettings Streams { get; init; }

    /// <summary>Puts the section <c>Serving</c> into options.</summary>
    public required Action<ServingOptions> Serving { get; init; }

    /// <summary>Puts the section <c>Jobs</c> into options.</summary>
    public required Action<JobOptions> Jobs { get; init; }

    /// <exception cref="StartupException">A value cannot be used.</exception>
    public static SiloSettings Resolve(UpOptions options, IConfiguration configuration) => new()
    {
        Data = Path.GetFullPath(options.Data ?? configuration["Data"] ?? "data"),
        HttpPort = Port("--http", options.HttpPort ?? Number(configuration, "Http:Port", 8000)),
        GrpcPort = Port("--grpc", options.GrpcPort ?? Number(configuration, "Grpc:Port", 8001)),
        Bind = ParseAddress(options.Bind ?? configuration["Http:Bind"] ?? "127.0.0.1"),
        Models = (options.Models ?? configuration["Models"]) is { } models ? Path.GetFullPath(models) : null,
        IsConfigLenient = options.IsConfigLenient ?? Truth(configuration, "LenientConfig"),
        App = options.App ?? configuration["App"],
        Durability = Enum.TryParse<StoreDurability>(configuration["Storage:Durability"] ?? nameof(StoreDurability.Power), ignoreCase: true, out var durability)
            ? durability
            : throw new StartupException($"Storage:Durability '{configuration["Storage:Durability"]}' is not known; it is Power (fsync) or Process.", 2),
        SiloPort = Port("Orleans:SiloPort", Number(configuration, "Orleans:SiloPort", 0)),
        GatewayPort = Port("Orleans:GatewayPort", Number(configuration, "Orleans:GatewayPort", 0)),
        ClusterId = configuration["Orleans:ClusterId"] ?? "oml",
        ServiceId = configuration["Orleans:ServiceId"] ?? "oml",
        Streams = new StreamSettings(configuration),
        Serving = OptionsSection.Read<ServingOptions>(configuration, "Serving", static o => o.Validate()),
        Jobs = OptionsSection.Read<JobOptions>(configuration, "Jobs", static o => o.Validate()),
    };

    private static int Number(IConfiguration configuration, string key, int fallback) => configuration[key] switch
    {
        null => fallback,
        var text when int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
        var text => throw new StartupException($"{key} '{text}' is not a whole number.", 2),
    };

    private static bool Truth(IConfiguration configuration, string key) => configuration[key] switch
    {
        null => false,
        var text when bool.TryParse(text, out var truth) => truth,
        var text => throw new StartupException($"{key} '{text}' is neither true nor false.", 2),
    };

    private static int Port(string name, int port) => port is >= 0 and <= 65535
        ? port
        : throw new StartupException($"{name} {port} is not a port; give 0 (a free one) to 65535.", 2);

    private static IPAddress ParseAddress(string bind) => bind == "localhost"
        ? IPAddress.Loopback
        : IPAddress.TryParse(bind, out var address)
            ? address
            : throw new StartupException($"'{bind}' is not an IP address to bind to; give one such as 127.0.0.1 or 0.0.0.0.", 2);
}
