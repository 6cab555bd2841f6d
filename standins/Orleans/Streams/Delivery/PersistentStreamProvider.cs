using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Internal;
using Orleans.Runtime;
using Orleans.Runtime.Providers;
using Orleans.Serialization;
using Orleans.Streams;

namespace Orleans.Providers
{
    /// <summary>Something that takes commands from outside.</summary>
    public interface IControllable
    {
        Task<object?> ExecuteCommand(int command, object? arg);
    }
}

namespace Orleans.Providers.Streams.Common
{
    /// <summary>Commands of a provider; numbers from 10000 on are its adapter's, from 20000 on its adapter factory's.</summary>
    public enum PersistentStreamProviderCommand
    {
        None,
        StartAgents,
        StopAgents,
        GetAgentsState,
        GetNumberRunningAgents,
        AdapterCommandStartRange = 10000,
        AdapterCommandEndRange = AdapterCommandStartRange + 9999,
        AdapterFactoryCommandStartRange = AdapterCommandEndRange + 1,
        AdapterFactoryCommandEndRange = AdapterFactoryCommandStartRange + 9999,
    }

    /// <summary>Streams over queues: on a client for producing, in a silo for delivering as well.</summary>
    public class PersistentStreamProvider : IStreamProvider, IControllable
    {
        private readonly IServiceProvider _services;
        private readonly StreamSubscribers? _subscribers;
        private IQueueAdapterFactory? _factory;
        private IQueueAdapter? _adapter;

        internal PersistentStreamProvider(IServiceProvider services, string name)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            _services = services;
            Name = name;
            if (services.GetService<SiloRuntime>() is { } silo)
                _subscribers = new StreamSubscribers(services.GetOptionsByName<StreamPubSubOptions>(name).PubSubType, silo.References);
        }

        public string Name { get; }

        public bool IsRewindable => Adapter.IsRewindable;

        internal PullingManager? Agents { get; private set; }

        internal StreamSubscribers Subscribers => _subscribers ?? throw NoConsumer();

        private IQueueAdapter Adapter => _adapter ?? throw new InvalidOperationException($"Stream provider '{Name}' has not been started: its host is still on its way up.");

        public IAsyncStream<T> GetStream<T>(StreamId streamId) => new StreamOf<T>(this, streamId);

        public Task<object?> ExecuteCommand(int command, object? arg)
        {
            switch ((PersistentStreamProviderCommand)command)
            {
                case >= PersistentStreamProviderCommand.AdapterCommandStartRange and <= PersistentStreamProviderCommand.AdapterCommandEndRange when _adapter is IControllable adapter:
                    return adapter.ExecuteCommand(command, arg);
                case >= PersistentStreamProviderCommand.AdapterFactoryCommandStartRange and <= PersistentStreamProviderCommand.AdapterFactoryCommandEndRange when _factory is IControllable factory:
                    return factory.ExecuteCommand(command, arg);
                default:
                    return Agents?.ExecuteAsync((PersistentStreamProviderCommand)command) ?? throw new ArgumentException("PullingAgentManager is not initialized yet.");
            }
        }

        internal void Participate(ILifecycleObservable lifecycle)
        {
            var options = _services.GetOptionsByName<StreamLifecycleOptions>(Name);
            lifecycle.Subscribe(Name, options.InitStage, InitializeAsync);
            lifecycle.Subscribe(Name, options.StartStage, _ => StartAsync(options.StartupState), StopAsync);
        }

        internal Task ProduceAsync<T>(StreamId stream, IEnumerable<T> events, StreamSequenceToken? token) =>
            Adapter.Direction == StreamProviderDirection.ReadOnly
                ? throw new InvalidOperationException($"Stream provider {Name} is ReadOnly.")
                : Adapter.QueueMessageBatchAsync(stream, events, token, ExportRequestContext());

        /// <summary>The grain whose turn this is.</summary>
        internal Activation Consumer() => _subscribers is not null && RuntimeContext.Current is Activation grain ? grain : throw NoConsumer();

        private static Dictionary<string, object>? ExportRequestContext()
        {
            if (RequestContext.Export() is not { Count: > 0 } values)
                return null;
            var context = CopyContext.Rent();
            try
            {
                return Copier<Dictionary<string, object>>.Copy(values, context);
            }
            finally
            {
                context.Return();
            }
        }

        private NotSupportedException NoConsumer() => new(
            $"Streams of '{Name}' were subscribed to outside of a grain's turn. The stand-in engine delivers to grains only; clients that consume need the real packages (build with OmlEngine=orleans).");

        private async Task InitializeAsync(CancellationToken token)
        {
            _factory = _services.GetRequiredKeyedService<IQueueAdapterFactory>(Name);
            _adapter = await _factory.CreateAdapter(token);
        }

        private async Task StartAsync(StreamLifecycleOptions.RunState state)
        {
            if (_subscribers is null || Adapter.Direction is not (StreamProviderDirection.ReadOnly or StreamProviderDirection.ReadWrite))
                return;
            ImplicitSubscriptions.Check();
            Agents = new PullingManager(_factory!, new AgentSettings(
                Name,
                Adapter,
                _factory!.GetQueueAdapterCache(),
                _subscribers,
                _services.GetOptionsByName<StreamPullingAgentOptions>(Name),
                _services.GetKeyedService<IMessageDeliveryBackoffProvider>(Name) as IBackoffProvider ?? new ExponentialBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1)),
                _services.GetKeyedService<IQueueReaderBackoffProvider>(Name) as IBackoffProvider ?? new ExponentialBackoff(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1)),
                _services.GetRequiredService<SiloRuntime>(),
                _services.GetRequiredService<ILoggerFactory>().CreateLogger($"Orleans.Streams.{Name}")));
            if (state == StreamLifecycleOptions.RunState.AgentsStarted)
                await Agents.StartAsync();
        }

        /// <summary>A host that may not wait goes on without them; they end by themselves.</summary>
        private async Task StopAsync(CancellationToken token)
        {
            if (Agents is { } agents)
                await agents.StopAsync().WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
