using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansMl.Gateway.Json;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Errors;

/// <summary>Turns whatever leaves an endpoint as an exception, or as a bare status, into the one form of errors.</summary>
internal sealed partial class ErrorBoundary(ILogger<ErrorBoundary> log)
{
    /// <summary>Runs a request to its end; no exception leaves.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
            {
                context.Response.StatusCode = 499;
                return;
            }

            await ErrorWriter.WriteAsync(context, ErrorOf(context, exception)).ConfigureAwait(false);
            return;
        }
        catch (Exception exception)
        {
            if (!context.RequestAborted.IsCancellationRequested)
                LogTorn(log, exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
            context.Abort();
            return;
        }

        var response = context.Response;
        if (response.StatusCode >= 400 && !response.HasStarted && response.ContentType is null && response.ContentLength is null or 0)
            await ErrorWriter.WriteAsync(context, BareStatus(context)).ConfigureAwait(false);
    }

    private OmlError ErrorOf(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case ApiException api:
                return api.Error;
            case InputFaultException input:
                return ApiException.From(input.Fault).Error;
            case BadHttpRequestException bad:
                return bad.StatusCode == 413
                    ? new OmlError("too_large", 413, "The body is larger than the server takes; send less, or raise MaxBodyBytes.")
                    : new OmlError("invalid", bad.StatusCode is >= 400 and < 500 ? bad.StatusCode : 400, $"The request is not valid HTTP: {bad.Message}");
            default:
                if (Unavailability.Explain(exception) is { } unavailable)
                {
                    LogUnavailable(log, exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
                    return unavailable;
                }

                LogUnhandled(log, exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
                return new OmlError("internal", 500, $"The server failed on request {context.TraceIdentifier}; its log has the reason under that id.");
        }
    }

    private static OmlError BareStatus(HttpContext context)
    {
        var request = context.Request;
        var status = context.Response.StatusCode;
        return status switch
        {
            404 => new OmlError("not_found", 404, $"There is no route {request.Method} {request.Path}; /openapi/v1.json lists what there is."),
            405 => new OmlError("method_not_allowed", 405, $"{request.Path} does not take {request.Method}; it takes {context.Response.Headers.Allow}."),
            415 => new OmlError("unsupported_media_type", 415, $"{request.Path} does not take the content type '{request.ContentType}'."),
            _ => new OmlError("invalid", status, $"{request.Method} {request.Path} is refused with status {status}."),
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} could not be answered now (request {RequestId})")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string method, string path, string requestId);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed (request {RequestId})")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, string method, string path, string requestId);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed after its answer had begun; the connection is cut (request {RequestId})")]
    private static partial void LogTorn(ILogger logger, Exception exception, string method, string path, string requestId);
}
