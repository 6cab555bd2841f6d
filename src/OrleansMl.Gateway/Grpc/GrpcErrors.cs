using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Security;
using OrleansMl.Services;

namespace OrleansMl.Gateway.Grpc;

/// <summary>
/// Around every gRPC call: asks for the key that the method needs, and turns whatever is thrown into a status with the same words that
/// REST would answer.
/// </summary>
internal sealed partial class GrpcErrors(KeyRing keys, ILogger<GrpcErrors> log) : Interceptor
{
    private static readonly HashSet<string> Open = new(StringComparer.Ordinal) { "ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "Check", "Watch" };
    private static readonly HashSet<string> Operate = new(StringComparer.Ordinal) { "RepositoryModelLoad", "RepositoryModelUnload" };

    /// <summary>The gRPC status of an error (https://grpc.github.io/grpc/core/md_doc_statuscodes.html).</summary>
    public static StatusCode StatusOf(OmlError error) => error.Status switch
    {
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.NotFound,
        413 or 429 => StatusCode.ResourceExhausted,
        499 => StatusCode.Cancelled,
        501 => StatusCode.Unimplemented,
        503 => StatusCode.Unavailable,
        >= 500 => StatusCode.Internal,
        _ => StatusCode.InvalidArgument,
    };

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            Demand(context, request);
            AnswerInKind(context);
            return await continuation(request, context).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Explain(context, exception);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            Demand(context, null);
            AnswerInKind(context);
            await continuation(requestStream, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Explain(context, exception);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            Demand(context, request);
            await continuation(request, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Explain(context, exception);
        }
    }

    /// <summary>The error behind an exception; logs what nobody expected.</summary>
    public OmlError ErrorOf(string method, Exception exception)
    {
        switch (exception)
        {
            case ApiException api:
                return api.Error;
            case OperationCanceledException:
                return new OmlError("cancelled", 499, "The call was cancelled.");
            default:
                if (Unavailability.Explain(exception) is { } unavailable)
                {
                    LogUnavailable(log, exception, method);
                    return unavailable;
                }

                LogUnhandled(log, exception, method);
                return new OmlError("internal", 500, $"The server failed on this call of {method}; its log has the reason.");
        }
    }

    private void Demand(ServerCallContext context, object? request)
    {
        var name = context.Method[(context.Method.LastIndexOf('/') + 1)..];
        var changesSettings = request is Protocol.TraceSettingRequest { Settings.Count: > 0 } or Protocol.LogSettingsRequest { Settings.Count: > 0 };
        keys.Demand(context.GetHttpContext(), Open.Contains(name) ? GatewayRoles.None : changesSettings || Operate.Contains(name) ? GatewayRoles.Operate : GatewayRoles.Predict);
    }

    // Who sends compressed gets compressed; the others only say that they could read it.
    private static void AnswerInKind(ServerCallContext context)
    {
        var coding = context.RequestHeaders.GetValue("grpc-encoding");
        if (coding is null or "identity")
            context.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
    }

    private RpcException Explain(ServerCallContext context, Exception exception)
    {
        var error = ErrorOf(context.Method, exception);
        return new RpcException(new Status(StatusOf(error), error.Detail));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} could not be answered now")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string method);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, string method);
}
