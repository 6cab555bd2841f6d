using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.Routing;

namespace OrleansMl.Gateway.Hosting;

/// <summary>Puts the error boundary and the request metrics around everything, so that 404 and 405 of the router have bodies too.</summary>
internal sealed class GatewayStartupFilter(ErrorBoundary errors, GatewayInstruments instruments, AccessLog access) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => context => RunAsync(context, inner));
        next(app);
    };

    private async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var started = Stopwatch.GetTimestamp();
        RequestIds.Assign(context);
        // A gRPC message is read before any handler runs; its limit is MaxReceiveMessageSize, set from ours.
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
            RequestBody.LiftServerLimit(context);
        instruments.RequestStarted();
        try
        {
            await errors.RunAsync(context, next).ConfigureAwait(false);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            var elapsed = Stopwatch.GetElapsedTime(started);
            instruments.RequestEnded(context, route, elapsed);
            access.Write(context, route, elapsed);
        }
    }
}
