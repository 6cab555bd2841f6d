using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Runtime.Providers;
using Orleans.Storage;
using Orleans.Streams;

namespace Orleans.Streams
{
    /// <summary>Accepted and never asked: one silo has all queues.</summary>
    public interface IStreamQueueBalancer
    {
        Task Initialize(IStreamQueueMapper queueMapper);

        Task Shutdown();

        IEnumerable<QueueId> GetMyQueues();

        bool SubscribeToQueueDistributionChangeEvents(IStreamQueueBalanceListener observer);

        bool UnSubscribeFromQueueDistributionChangeEvents(IStreamQueueBalanceListener observer);
    }

    public interface IStreamQueueBalanceListener
    {
        Task QueueDistributionChangeNotification();
    }
}

namespace Orleans.Hosting
{
    public interface IPersistentStreamConfigurator : INamedServiceConfigurator;

    public interface ISiloPersistentStreamConfigurator : IPersistentStreamConfigurator;

    public interface IClusterClientPersistentStreamConfigurator : IPersistentStreamConfigurator;

    public static class PersistentStreamConfiguratorExtensions
    {
        public static void ConfigureStreamPubSub(this IPersistentStreamConfigurator configurator, StreamPubSubType pubsubType = StreamPubSubOptions.DEFAULT_STREAM_PUBSUB_TYPE) =>
            configurator.Configure<StreamPubSubOptions>(ob => ob.Configure(options => options.PubSubType = pubsubType));
    }

    public static class SiloPersistentStreamConfiguratorExtensions
    {
        public static void ConfigurePullingAgent(this ISiloPersistentStreamConfigurator configurator, Action<OptionsBuilder<StreamPullingAgentOptions>>? configureOptions = null) =>
            configurator.Configure(configureOptions);

        public static void ConfigureLifecycle(this ISiloPersistentStreamConfigurator configurator, Action<OptionsBuilder<StreamLifecycleOptions>> configureOptions) =>
            configurator.Configure(configureOptions);

        public static void ConfigurePartitionBalancing(this ISiloPersistentStreamConfigurator configurator, Func<IServiceProvider, string, IStreamQueueBalancer> factory) =>
            configurator.ConfigureComponent(factory);

        public static void ConfigurePartitionBalancing<TOptions>(
            this ISiloPersistentStreamConfigurator configurator, Func<IServiceProvider, string, IStreamQueueBalancer> factory, Action<OptionsBuilder<TOptions>> configureOptions)
            where TOptions : class, new() => configurator.ConfigureComponent(factory, configureOptions);

        public static void ConfigureBackoffProvider(this ISiloPersistentStreamConfigurator configurator, Func<IServiceProvider, string, IMessageDeliveryBackoffProvider> factory) =>
            configurator.ConfigureComponent(factory);

        public static void ConfigureBackoffProvider(this ISiloPersistentStreamConfigurator configurator, Func<IServiceProvider, string, IQueueReaderBackoffProvider> factory) =>
            configurator.ConfigureComponent(factory);
    }

    public static class SiloPersistentStreamConfiguratorExtension
    {
        /// <summary>Accepted: one silo has all queues.</summary>
        public static void UseConsistentRingQueueBalancer(this ISiloPersistentStreamConfigurator configurator)
        {
        }
    }

    public static class ClusterClientPersistentStreamConfiguratorExtensions
    {
        public static void ConfigureLifecycle(this IClusterClientPersistentStreamConfigurator configurator, Action<OptionsBuilder<StreamLifecycleOptions>> configureOptions) =>
            configurator.Configure(configureOptions);
    }

    public class SiloPersistentStreamConfigurator : NamedServiceConfigurator, ISiloPersistentStreamConfigurator
    {
        public SiloPersistentStreamConfigurator(string name, Action<Action<IServiceCollection>> configureDelegate, Func<IServiceProvider, string, IQueueAdapterFactory> adapterFactory)
            : base(name, configureDelegate)
        {
            ConfigureDelegate(static services => services.AddSiloStreaming());
            ConfigureDelegate(services => services.AddStreamProvider<ISiloLifecycle>(name, adapterFactory));
            ConfigureDelegate(services => services.AddSingleton<IConfigurationValidator>(s => new PubSubStoreValidator(s, name)));
        }
    }

    public class ClusterClientPersistentStreamConfigurator : NamedServiceConfigurator, IClusterClientPersistentStreamConfigurator
    {
        public ClusterClientPersistentStreamConfigurator(string name, IClientBuilder clientBuilder, Func<IServiceProvider, string, IQueueAdapterFactory> adapterFactory)
            : base(name, configureDelegate => clientBuilder.ConfigureServices(configureDelegate)) =>
            ConfigureDelegate(services => services.AddStreamProvider<IClusterClientLifecycle>(name, adapterFactory));
    }

    /// <summary>Explicit subscriptions need a store.</summary>
    internal sealed class PubSubStoreValidator(IServiceProvider services, string provider) : IConfigurationValidator
    {
        public void ValidateConfiguration()
        {
            if (services.GetOptionsByName<StreamPubSubOptions>(provider).PubSubType != StreamPubSubType.ImplicitOnly
                && services.GetKeyedService<IGrainStorage>(provider) is null
                && services.GetKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME) is null)
            {
                throw new OrleansConfigurationException(
                    $"Stream provider '{provider}' keeps explicit subscriptions and has no store for them. Add a grain storage named '{ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME}' or '{provider}', or choose StreamPubSubType.ImplicitOnly with ConfigureStreamPubSub.");
            }
        }
    }

    internal static class StreamServices
    {
        public static void AddStreamProvider<TLifecycle>(this IServiceCollection services, string name, Func<IServiceProvider, string, IQueueAdapterFactory> adapterFactory)
            where TLifecycle : class, ILifecycleObservable
        {
            services.AddKeyedSingleton(name, (s, _) => new PersistentStreamProvider(s, name));
            services.AddKeyedSingleton<IStreamProvider>(name, (s, _) => s.GetRequiredKeyedService<PersistentStreamProvider>(name));
            services.AddKeyedSingleton<IControllable>(name, (s, _) => s.GetRequiredKeyedService<PersistentStreamProvider>(name));
            services.AddKeyedSingleton(name, (s, _) => adapterFactory(s, name));
            services.AddSingleton<ILifecycleParticipant<TLifecycle>>(s => new Participant<TLifecycle>(s.GetRequiredKeyedService<PersistentStreamProvider>(name)));
        }

        private sealed class Participant<TLifecycle>(PersistentStreamProvider provider) : ILifecycleParticipant<TLifecycle>
            where TLifecycle : ILifecycleObservable
        {
            public void Participate(TLifecycle lifecycle) => provider.Participate(lifecycle);
        }
    }
}
