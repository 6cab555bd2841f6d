using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using RunState = Orleans.Configuration.StreamLifecycleOptions.RunState;

namespace Orleans.Streams;

/// <summary>The agents of one provider, one for each queue: there is one silo, so all queues are its.</summary>
internal sealed class PullingManager(IQueueAdapterFactory factory, AgentSettings settings)
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private List<PullingAgent> _agents = [];
    private RunState _state = RunState.Initialized;

    public async Task StartAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            _state = RunState.AgentsStarted;
            if (_agents.Count > 0)
                return;
            List<PullingAgent> agents = [];
            foreach (var queue in factory.GetStreamQueueMapper().GetAllQueues())
                agents.Add(new PullingAgent(queue, settings, await factory.GetDeliveryFailureHandler(queue)));
            _agents = agents;
            await Task.WhenAll(agents.Select(a => a.StartAsync()));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task StopAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            _state = RunState.AgentsStopped;
            var agents = _agents;
            _agents = [];
            await Task.WhenAll(agents.Select(a => a.StopAsync()));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task<object?> ExecuteAsync(PersistentStreamProviderCommand command)
    {
        switch (command)
        {
            case PersistentStreamProviderCommand.StartAgents:
                await StartAsync();
                return null;
            case PersistentStreamProviderCommand.StopAgents:
                await StopAsync();
                return null;
            case PersistentStreamProviderCommand.GetAgentsState:
                // Its number, which is what the public engine sends.
                return (int)_state;
            case PersistentStreamProviderCommand.GetNumberRunningAgents:
                return _agents.Count;
            default:
                throw new OrleansException($"PullingAgentManager does not support command {command}.");
        }
    }

    /// <summary>Any queue may carry any stream, so every agent learns of it.</summary>
    public Task AddSubscriberAsync(QualifiedStreamId stream, StreamSubscriber subscriber) =>
        Task.WhenAll(_agents.Select(a => a.AddSubscriberAsync(stream, subscriber)));

    public Task RemoveSubscriberAsync(QualifiedStreamId stream, GuidId subscription) =>
        Task.WhenAll(_agents.Select(a => a.RemoveSubscriberAsync(stream, subscription)));
}
