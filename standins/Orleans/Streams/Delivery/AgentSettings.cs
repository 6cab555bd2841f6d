using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Internal;
using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>What all agents of a provider share.</summary>
internal sealed record AgentSettings(
    string Provider,
    IQueueAdapter Adapter,
    IQueueAdapterCache? Caches,
    StreamSubscribers Subscribers,
    StreamPullingAgentOptions Options,
    IBackoffProvider DeliveryBackoff,
    IBackoffProvider ReaderBackoff,
    SiloRuntime Silo,
    ILogger Logger);
