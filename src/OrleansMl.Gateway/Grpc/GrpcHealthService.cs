using Grpc.Core;
using Microsoft.Extensions.Hosting;
using OrleansMl.Protocol.Health;

namespace OrleansMl.Gateway.Grpc;

/// <summary>grpc.health.v1: ready is SERVING; the services known are the whole server ("") and the inference service.</summary>
internal sealed class GrpcHealthService(Readiness readiness, IHostApplicationLifetime lifetime, TimeProvider time) : Health.HealthBase
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
        => IsKnown(request.Service)
            ? Task.FromResult(new HealthCheckResponse { Status = Now() })
            : throw new RpcException(new Status(StatusCode.NotFound, $"There is no service '{request.Service}'; known are '' (the server) and 'inference.GRPCInferenceService'."));

    /// <summary>Answers at once, and then with every change; ends with the server.</summary>
    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        HealthCheckResponse.Types.ServingStatus? said = null;
        try
        {
            while (true)
            {
                var now = IsKnown(request.Service) ? Now() : HealthCheckResponse.Types.ServingStatus.ServiceUnknown;
                if (now != said)
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = now }, context.CancellationToken).ConfigureAwait(false);
                said = now;
                await Task.Delay(Interval, time, ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            if (!context.CancellationToken.IsCancellationRequested && said != HealthCheckResponse.Types.ServingStatus.ServiceUnknown)
                await responseStream.WriteAsync(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.NotServing }, context.CancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsKnown(string service) => service is "" or "inference.GRPCInferenceService";

    private HealthCheckResponse.Types.ServingStatus Now() => readiness.WhyNot() is null ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing;
}
