using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Idempotency;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.OpenApi;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the routes of the gateway.</summary>
public static class GatewayEndpointRouteBuilderExtensions
{
    /// <summary>Maps <c>/v2</c>, <c>/api/v1</c> and, at the root, <c>/health</c>, <c>/metrics</c> and <c>/openapi/v1.json</c>.</summary>
    public static IEndpointRouteBuilder MapOrleansMl(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        _ = services.GetRequiredService<MetricsCollector>();
        var errors = services.GetRequiredService<ErrorBoundary>();
        var keys = services.GetRequiredService<KeyRing>();
        var idempotent = services.GetRequiredService<IdempotentRequests>();
        var options = services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var operations = services.GetServices<IOperationGroup>().SelectMany(group => group.Operations).ToList();
        services.GetRequiredService<OpenApiDocument>().Describe(operations);
        foreach (var operation in operations)
            endpoints.MapMethods(operation.Pattern, [operation.Method], Wrap(operation, errors, keys, idempotent, options));
        return endpoints;
    }

    private static RequestDelegate Wrap(Operation operation, ErrorBoundary errors, KeyRing keys, IdempotentRequests idempotent, GatewayOptions options)
    {
        var limit = operation.BodyLimit switch
        {
            BodyLimit.Large => options.MaxLargeBodyBytes,
            BodyLimit.Application => options.MaxApplicationBytes,
            _ => options.MaxBodyBytes,
        };
        var takesKey = operation is { Method: "POST", IsOpenInference: false };
        return context => errors.RunAsync(context, inner =>
        {
            keys.Demand(inner, operation.Role);
            RequestBody.LiftServerLimit(inner);
            return takesKey && inner.Request.Headers.ContainsKey(IdempotentRequests.Header)
                ? idempotent.RunAsync(inner, limit, errors, operation.Handler)
                : operation.Handler(inner);
        });
    }
}
