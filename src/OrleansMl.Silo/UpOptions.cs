namespace OrleansMl.Silo;

/// <summary>What <c>up</c> was asked for; null: not said, so the configuration file or the default decides.</summary>
public sealed record UpOptions
{
    /// <summary>Folder that holds everything durable. Default <c>./data</c>.</summary>
    public string? Data { get; init; }

    /// <summary>Port of the HTTP endpoints; 0: a free one. Default 8000.</summary>
    public int? HttpPort { get; init; }

    /// <summary>Port of the gRPC endpoints; 0: a free one. Default 8001.</summary>
    public int? GrpcPort { get; init; }

    /// <summary>Address to listen at. Default 127.0.0.1.</summary>
    public string? Bind { get; init; }

    /// <summary>Model repository to load; null: none.</summary>
    public string? Models { get; init; }

    /// <summary>Pass over fields of <c>config.pbtxt</c> that are not supported, instead of refusing the model. Default false.</summary>
    public bool? IsConfigLenient { get; init; }

    /// <summary>Application file to apply before the server says that it is ready; null: none.</summary>
    public string? App { get; init; }

    /// <summary>Configuration file; null: none.</summary>
    public string? Config { get; init; }
}
