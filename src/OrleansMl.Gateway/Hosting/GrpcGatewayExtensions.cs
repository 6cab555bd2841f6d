using Grpc.AspNetCore.Server;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway;
using OrleansMl.Gateway.Grpc;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Health;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The Open Inference Protocol over gRPC, beside REST: an endpoint of its own, since HTTP/1.1 and HTTP/2 in clear text cannot share one.</summary>
public static class GrpcGatewayExtensions
{
    /// <summary>Adds what <see cref="MapOrleansMlGrpc"/> needs beside <c>AddOrleansMlGateway</c>.</summary>
    public static IServiceCollection AddOrleansMlGrpc(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<GrpcErrors>();
        services.TryAddSingleton<GrpcInferenceService>();
        services.TryAddSingleton<GrpcHealthService>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<GrpcErrors>();
            grpc.ResponseCompressionAlgorithm = "gzip";
            grpc.ResponseCompressionLevel = System.IO.Compression.CompressionLevel.Fastest;
        });
        services.AddOptions<GrpcServiceOptions>().Configure<IOptions<GatewayOptions>>((grpc, gateway) =>
        {
            grpc.MaxReceiveMessageSize = (int)Math.Min(int.MaxValue, gateway.Value.MaxLargeBodyBytes);
            grpc.MaxSendMessageSize = null;
            if (!grpc.CompressionProviders.Any(p => p.EncodingName == "deflate"))
                grpc.CompressionProviders.Add(new DeflateCompressionProvider(System.IO.Compression.CompressionLevel.Fastest));
        });
        return services;
    }

    /// <summary>Maps <c>inference.GRPCInferenceService</c> and <c>grpc.health.v1.Health</c>.</summary>
    public static IEndpointRouteBuilder MapOrleansMlGrpc(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        endpoints.MapGrpcService(GrpcMethods.Of(GRPCInferenceService.BindService, services.GetRequiredService<GrpcInferenceService>()));
        endpoints.MapGrpcService(GrpcMethods.Of(Health.BindService, services.GetRequiredService<GrpcHealthService>()));
        return endpoints;
    }
}
