using Orleans.Streams;

namespace Orleans.Configuration;

/// <summary>When a provider starts.</summary>
public class StreamLifecycleOptions
{
    public const RunState DEFAULT_STARTUP_STATE = RunState.AgentsStarted;
    public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;
    public const int DEFAULT_START_STAGE = ServiceLifecycleStage.Active;

    public enum RunState
    {
        None,
        Initialized,
        AgentsStarted,
        AgentsStopped,
    }

    public RunState StartupState { get; set; } = DEFAULT_STARTUP_STATE;

    public int InitStage { get; set; } = DEFAULT_INIT_STAGE;

    public int StartStage { get; set; } = DEFAULT_START_STAGE;
}

/// <summary>How consumers are known.</summary>
public class StreamPubSubOptions
{
    public const StreamPubSubType DEFAULT_STREAM_PUBSUB_TYPE = StreamPubSubType.ExplicitGrainBasedAndImplicit;

    public StreamPubSubType PubSubType { get; set; } = DEFAULT_STREAM_PUBSUB_TYPE;
}

/// <summary>How queues are read and events delivered.</summary>
public class StreamPullingAgentOptions
{
    public static readonly int DEFAULT_BATCH_CONTAINER_BATCH_SIZE = 1;
    public static readonly TimeSpan DEFAULT_GET_QUEUE_MESSAGES_TIMER_PERIOD = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan DEFAULT_INIT_QUEUE_TIMEOUT = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan DEFAULT_MAX_EVENT_DELIVERY_TIME = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan DEFAULT_STREAM_INACTIVITY_PERIOD = TimeSpan.FromMinutes(30);

    /// <summary>Messages delivered in one call, at most.</summary>
    public int BatchContainerBatchSize { get; set; } = DEFAULT_BATCH_CONTAINER_BATCH_SIZE;

    public TimeSpan GetQueueMsgsTimerPeriod { get; set; } = DEFAULT_GET_QUEUE_MESSAGES_TIMER_PERIOD;

    /// <summary>What a receiver is told it has, to start and to stop.</summary>
    public TimeSpan InitQueueTimeout { get; set; } = DEFAULT_INIT_QUEUE_TIMEOUT;

    /// <summary>How long delivery of a message is tried.</summary>
    public TimeSpan MaxEventDeliveryTime { get; set; } = DEFAULT_MAX_EVENT_DELIVERY_TIME;

    /// <summary>After it, the consumers of a silent stream are looked up anew.</summary>
    public TimeSpan StreamInactivityPeriod { get; set; } = DEFAULT_STREAM_INACTIVITY_PERIOD;
}
