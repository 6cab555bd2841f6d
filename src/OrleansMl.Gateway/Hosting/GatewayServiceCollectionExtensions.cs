using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Hosting;
using OrleansMl.Gateway.Idempotency;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.OpenApi;
using OrleansMl.Gateway.OpenInference;
using OrleansMl.Gateway.Routing;
using OrleansMl.Gateway.Security;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the HTTP gateway.</summary>
public static class GatewayServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <c>MapOrleansMl</c> needs, beside the services of <c>OrleansMl.Services</c>, <c>OrleansMl.Streams</c>, <c>OrleansMl.Jobs</c> and <c>OrleansMl.Datasets</c> which the host
    /// registers. The clock is the unkeyed <see cref="TimeProvider"/>. A second call only adds to the options.
    /// </summary>
    public static IServiceCollection AddOrleansMlGateway(this IServiceCollection services, Action<GatewayOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.Configure(configure);
        services.AddRouting();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ErrorBoundary>();
        services.TryAddSingleton<KeyRing>();
        services.TryAddSingleton<AccessLog>();
        services.TryAddSingleton<IdempotencyCache>();
        services.TryAddSingleton<IdempotentRequests>();
        // the collector listens before the first instrument counts
        services.TryAddSingleton<MetricsCollector>();
        services.TryAddSingleton<GatewayInstruments>();
        services.TryAddSingleton<OpenApiDocument>();
        services.TryAddSingleton<Readiness>();
        services.TryAddSingleton<InferenceDataPlane>();
        services.TryAddSingleton<StatisticsReader>();
        services.TryAddSingleton<TraceSettings>();
        services.TryAddSingleton<TraceLog>();
        services.TryAddSingleton<LogSettings>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IConfigureOptions<LoggerFilterOptions>, LogSettings>(provider => provider.GetRequiredService<LogSettings>()),
            ServiceDescriptor.Singleton<IOptionsChangeTokenSource<LoggerFilterOptions>, LogSettings>(provider => provider.GetRequiredService<LogSettings>()),
        ]);
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IOperationGroup, OpenInferenceOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, InferOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, ModelExtensionOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, RepositoryOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, SettingsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, SharedMemoryOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, ApplicationsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, ModelsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, VersionsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, PromotionsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, RolloutsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, TrafficOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, LearnerOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, MonitoringOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, RetrainingOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, PredictOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, PredictionLogOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, EventsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, OutcomesOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, FeaturesOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, StreamOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, DeadLetterOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, JobsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, DatasetsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, UploadsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, EvaluationsOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, LineageOperations>(),
            ServiceDescriptor.Singleton<IOperationGroup, SystemOperations>(),
        ]);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, GatewayStartupFilter>());
        return services;
    }
}
