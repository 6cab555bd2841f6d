using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Datasets.Building;
using OrleansMl.Evaluations;
using OrleansMl.Inference;
using OrleansMl.Jobs;
using OrleansMl.Jobs.BatchPredict;
using OrleansMl.Jobs.FineTune;
using OrleansMl.Jobs.Retention;
using OrleansMl.Jobs.Uploads;
using OrleansMl.Live;
using OrleansMl.Monitoring;
using OrleansMl.Outcomes;
using OrleansMl.Retraining;
using OrleansMl.Retraining.Schedules;
using OrleansMl.Rollouts;
using OrleansMl.Services;
using OrleansMl.Serving;
using OrleansMl.Streams;
using OrleansMl.Trainers;

namespace Orleans.Hosting;

/// <summary>Puts OrleansMl into a silo.</summary>
public static class OrleansMlSiloBuilderExtensions
{
    /// <summary>
    /// Adds the grains' services: catalog and plan caches, replicas, closing of windows, and what the gateway calls; and the
    /// stream provider <see cref="OmlStreams.Provider"/> over the embedded store, unless there is one of that name. A store
    /// (<c>AddEmbeddedStore</c>) is added beside it. Adding it twice does nothing more.
    /// </summary>
    public static ISiloBuilder AddOrleansMl(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(s => s.ServiceType == typeof(CatalogCache)))
            return builder;

        services.AddMetrics();
        services.TryAddKeyedSingleton(OmlNames.Clock, TimeProvider.System);
        services.AddSingleton<OutcomeInstruments>();
        services.AddSingleton<ExampleVectors>();
        services.AddSingleton<IngestInstruments>();
        services.AddSingleton<PredictionInstruments>();
        services.AddSingleton<VersionLoader>();
        services.AddOptions<ServingOptions>();
        services.AddSingleton(provider =>
        {
            var serving = provider.GetRequiredService<IOptions<ServingOptions>>().Value;
            serving.Validate();
            return serving;
        });
        services.AddSingleton<ServingInstruments>();
        services.AddSingleton(new RecordedRequests(TimeProvider.System));
        services.AddSingleton(provider => new ReplicaHost(
            provider.GetRequiredService<VersionLoader>(),
            provider.GetRequiredService<ServingOptions>(),
            TimeProvider.System,
            provider.GetRequiredService<ILogger<ReplicaHost>>(),
            provider.GetRequiredService<ServingInstruments>(),
            provider.GetRequiredService<RecordedRequests>()));
        services.AddSingleton(provider => new ColdStart(provider.GetRequiredService<ReplicaHost>(), provider.GetRequiredService<ServingOptions>(), TimeProvider.System));
        services.AddSingleton<IVersionPolicy>(provider => provider.GetRequiredService<ServingOptions>().Swap == VersionSwap.ResourcePreserving
            ? new ResourcePreservingPolicy()
            : new AvailabilityPreservingPolicy());
        AddHosted<CatalogCache>(services);
        AddHosted<ReplicaDirectory>(services);
        AddHosted<PlanCache>(services);
        services.AddSingleton<ServedAnswers>();
        services.AddSingleton<AnswerReader>();
        services.AddSingleton<PairedScorer>();
        services.AddSingleton<RolloutOutcomes>();
        AddHosted<RolloutSweeper>(services);
        services.AddSingleton<ShadowInstruments>();
        AddHosted<ShadowRunner>(services);
        services.AddSingleton<LearnerInstruments>();
        AddHosted<LiveLearners>(services);
        services.AddSingleton<ExampleSource>();
        AddHosted<ExampleSweeper>(services);
        AddHosted<WindowSweeper>(services);
        services.AddSingleton<MonitorInstruments>();
        AddHosted<MonitorSweeper>(services);
        services.AddSingleton<IMonitoringService, MonitoringService>();
        services.AddOptions<StreamPublishing>();
        services.AddSingleton<StreamPublisher>();
        services.AddSingleton<IngestService>();
        services.AddSingleton<PredictionService>();
        services.AddSingleton<IIngestService, PublishingIngestService>();
        services.AddSingleton<IPredictionService, PublishingPredictionService>();

        // What comes by a stream is applied by the inner service: it is not published again.
        services.AddSingleton<IRecordHandler>(provider => new EventRecordHandler(provider.GetRequiredService<IngestService>(), provider.GetRequiredService<CatalogCache>()));
        services.AddSingleton<IRecordHandler>(provider => new OutcomeRecordHandler(provider.GetRequiredService<IngestService>()));
        services.AddSingleton<IStreamService, StreamService>();
        services.AddSingleton<BatchingInstruments>();
        services.AddSingleton(new ResponseCache(64L << 20, TimeProvider.System));
        services.AddSingleton(new SequenceTracker(TimeProvider.System));
        services.AddSingleton<LocalReplicas>();
        services.AddSingleton<RoutingInstruments>();
        services.AddSingleton<ReplicaRouter>();
        services.AddSingleton<EnsembleModels>();

        // The steps of an ensemble are requests as any others: whoever runs them here is part of who answers them.
        services.AddSingleton<InferModel>(provider => (request, cancellationToken) => provider.GetRequiredService<IInferenceService>().InferAsync(request, cancellationToken));
        services.AddSingleton<IInferenceService, InferenceService>();
        services.AddOptions<ModelRepositoryOptions>();
        services.AddSingleton<IModelRepositoryService, ModelRepositoryService>();
        services.AddSingleton<VersionLoading>();
        services.AddSingleton<VersionRegistration>();
        services.AddSingleton<LoggedPredictions>();
        services.AddSingleton<IControlService, ControlService>();
        AddJobs(services);
        return builder.AddLocalStreams(OmlStreams.Provider);
    }

    /// <summary>Jobs and data sets. Another kind of job is another <see cref="IJobRunner"/>.</summary>
    private static void AddJobs(IServiceCollection services)
    {
        services.AddOptions<JobOptions>();
        services.AddSingleton(provider =>
        {
            var jobs = provider.GetRequiredService<IOptions<JobOptions>>().Value;
            jobs.Validate();
            return jobs;
        });
        services.AddSingleton<JobInstruments>();
        services.AddSingleton<IJobRunner, BatchPredictRunner>();
        services.AddSingleton<IJobRunner, UploadRunner>();
        services.AddSingleton<IJobRunner, DatasetRunner>();
        services.AddSingleton<FineTuneServices>();
        services.AddSingleton<IJobRunner, FineTuneRunner>();
        services.AddSingleton<VersionScorer>();
        services.AddSingleton<IJobRunner, EvaluationRunner>();
        services.AddSingleton<RetrainServices>();
        services.AddSingleton<IJobRunner, RetrainRunner>();
        services.AddSingleton<ILineageService, LineageService>();
        services.AddSingleton<IEvaluationService, EvaluationService>();
        services.AddSingleton<JobRemoval>();
        services.AddSingleton<JobRetention>();
        services.AddSingleton<LeftoverSweep>();
        AddHosted<JobSweeper>(services);
        AddHosted<JobHost>(services);
        services.AddSingleton<IJobService, JobService>();
        services.AddSingleton<RetrainInstruments>();
        AddHosted<RetrainSweeper>(services);
        services.AddSingleton<IRetrainScheduleService, RetrainScheduleService>();
        services.AddSingleton<IDatasetService, DatasetService>();
    }

    private static void AddHosted<T>(IServiceCollection services)
        where T : class, Microsoft.Extensions.Hosting.IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}
