using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>Settings of librdkafka for its kinds of client, and which of them are not the user's to choose.</summary>
internal static class KafkaClientSettings
{
    /// <summary>Room in a message beside its value: key, headers, framing.</summary>
    public const int Overhead = 64 << 10;

    private const string PositionsAreOurs = "positions are stored after consumers are done with records, or records are lost";
    private const string Bounds = "the memory of a reader is bounded by FetchMaxBytes and QueueMaxBytes; set those";

    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["enable.auto.commit"] = PositionsAreOurs,
        ["auto.commit.enable"] = PositionsAreOurs,
        ["enable.auto.offset.store"] = PositionsAreOurs,
        ["auto.commit.interval.ms"] = PositionsAreOurs,
        ["auto.offset.reset"] = "set StartAt",
        ["enable.partition.eof"] = "the end of a partition is no record",
        ["group.id"] = "set GroupId",
        ["group.instance.id"] = "nobody subscribes with the group; Orleans assigns the partitions",
        ["group.protocol"] = "nobody subscribes with the group; Orleans assigns the partitions",
        ["partition.assignment.strategy"] = "nobody subscribes with the group; Orleans assigns the partitions",
        ["session.timeout.ms"] = "set RequestTimeout",
        ["socket.timeout.ms"] = "set RequestTimeout",
        ["isolation.level"] = "aborted transactions must not be delivered",
        ["transactional.id"] = "appends are idempotent, not transactional",
        ["bootstrap.servers"] = "set BootstrapServers",
        ["metadata.broker.list"] = "set BootstrapServers",
        ["partitioner"] = "set Partitioner",
        ["message.timeout.ms"] = "set AppendTimeout",
        ["delivery.timeout.ms"] = "set AppendTimeout",
        ["message.max.bytes"] = "set MaxRecordBytes",
        ["receive.message.max.bytes"] = "set FetchMaxBytes",
        ["fetch.max.bytes"] = Bounds,
        ["fetch.message.max.bytes"] = Bounds,
        ["max.partition.fetch.bytes"] = Bounds,
        ["queued.max.messages.kbytes"] = Bounds,
    };

    private static readonly Dictionary<string, string[]> Fixed = new(StringComparer.Ordinal)
    {
        ["acks"] = ["all", "-1"],
        ["request.required.acks"] = ["all", "-1"],
        ["enable.idempotence"] = ["true"],
    };

    /// <summary>Settings that would break a promise, each with the reason.</summary>
    public static IEnumerable<string> Faults(IReadOnlyDictionary<string, string> client)
    {
        foreach (var (name, value) in client)
        {
            if (Refused.TryGetValue(name, out var reason))
                yield return $"Client setting '{name}' cannot be set: {reason}.";
            else if (Fixed.TryGetValue(name, out var allowed) && !allowed.Contains(value, StringComparer.OrdinalIgnoreCase))
                yield return $"Client setting '{name}' is '{value}', but an append is durable only with '{allowed[0]}'. Leave it out.";
        }
    }

    /// <summary>A consumer that reads nothing: for positions, bounds and metadata.</summary>
    public static Dictionary<string, string> Control(KafkaStreamOptions options)
    {
        var settings = Common(options, "control");
        settings["group.id"] = options.GroupId;
        settings["enable.auto.commit"] = "false";
        settings["enable.auto.offset.store"] = "false";
        settings["allow.auto.create.topics"] = "false";
        // What bounds the wait for a coordinator, and for an answer.
        settings["session.timeout.ms"] = Milliseconds(options.RequestTimeout);
        settings["socket.timeout.ms"] = Number(Math.Clamp((long)options.RequestTimeout.TotalMilliseconds, 1_000, 300_000));
        return settings;
    }

    public static Dictionary<string, string> Producer(KafkaStreamOptions options)
    {
        var settings = Common(options, "producer");
        // The reports are waited for, so a longer linger would only add to every append.
        settings.TryAdd("linger.ms", "1");
        settings.TryAdd("queue.buffering.max.kbytes", "65536");
        settings.TryAdd("dotnet.producer.delivery.report.fields", "none");
        settings["enable.idempotence"] = "true";
        settings["acks"] = "all";
        settings["message.timeout.ms"] = Milliseconds(options.AppendTimeout);
        settings["message.max.bytes"] = Number(options.MaxRecordBytes + Overhead);
        settings["partitioner"] = options.Partitioner == KafkaPartitioner.Murmur2 ? "murmur2_random" : "consistent_random";
        return settings;
    }

    public static Dictionary<string, string> Consumer(KafkaStreamOptions options)
    {
        var settings = Common(options, "consumer");
        settings["group.id"] = options.GroupId;
        settings["enable.auto.commit"] = "false";
        settings["enable.auto.offset.store"] = "false";
        settings["enable.partition.eof"] = "false";
        settings["isolation.level"] = "read_committed";
        settings["allow.auto.create.topics"] = "false";
        // A position outside of the log is ours to judge (KafkaReader.Reposition), not to be passed over in silence.
        settings["auto.offset.reset"] = "error";
        settings["fetch.message.max.bytes"] = Number(options.FetchMaxBytes);
        settings["fetch.max.bytes"] = Number(options.FetchMaxBytes);
        settings["message.max.bytes"] = Number(Math.Min(options.FetchMaxBytes, options.MaxRecordBytes + Overhead));
        // Kafka answers with the first batch also where that is longer than what was asked for (KIP-74).
        settings["receive.message.max.bytes"] = Number(Math.Max(1 << 30, options.FetchMaxBytes + Overhead));
        settings["queued.max.messages.kbytes"] = Number(Math.Max(1, options.FetchMaxBytes >> 10));
        // By default a full queue stops fetching for a whole second, which starves small queues.
        settings.TryAdd("fetch.queue.backoff.ms", "5");
        // Applies to group members only; at its most, so that a provider under pressure never counts as gone.
        settings["max.poll.interval.ms"] = "86400000";
        return settings;
    }

    /// <summary>Lets the library check names and values; it does that only when a client is made. Nothing is sent.</summary>
    /// <exception cref="OptionsValidationException">It does not know a setting, or cannot read its value; names it.</exception>
    public static void RequireKnown(KafkaStreamOptions options)
    {
        if (options.Client.Count == 0)
            return;
        // Without brokers: the client of this check must not connect.
        var settings = new Dictionary<string, string>(options.Client, StringComparer.Ordinal);
        try
        {
            new ConsumerBuilder<Ignore, Ignore>(settings.Append(new("group.id", options.GroupId))).SetLogHandler((_, _) => { }).Build().Dispose();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new OptionsValidationException("", typeof(KafkaStreamOptions), [$"A client setting cannot work: {exception.Message} See librdkafka's CONFIGURATION.md."]);
        }
    }

    private static Dictionary<string, string> Common(KafkaStreamOptions options, string role)
    {
        var settings = new Dictionary<string, string>(options.Client, StringComparer.Ordinal) { ["bootstrap.servers"] = options.BootstrapServers };
        settings.TryAdd("client.id", $"orleansml-{role}");
        settings.TryAdd("reconnect.backoff.max.ms", "1000");
        return settings;
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
