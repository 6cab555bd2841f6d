using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using OrleansMl.Wire;

namespace OrleansMl.Benchmarks;

/// <summary>
/// The bulk path from Kafka until events are durable and visible, against a bare consumer that only parses the same
/// records. For each window the server is held (SIGSTOP) while the records are produced, so that both sides begin with the
/// same backlog. Then, how long the server takes to catch up after it was away for a minute. In the end every event must be
/// counted once.
/// </summary>
internal static class KafkaBenchmark
{
    private const int Partitions = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var pairs = Figures.Option(arguments, "--pairs", 5, 100);
        var events = Figures.Option(arguments, "--events", 100_000, 1_000_000);
        var away = Figures.Option(arguments, "--away", 60, 600);
        var isPower = !arguments.Contains("process");
        var broker = Array.IndexOf(arguments, "--broker") is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
        var folder = Directory.CreateTempSubdirectory("oml-bench-");
        try
        {
            await using var kafka = await BenchBroker.StartAsync(broker);
            var topic = $"bench.{Guid.CreateVersion7():n}";
            var application = Path.Combine(folder.FullName, "application.yaml");
            var configuration = Path.Combine(folder.FullName, "configuration.json");
            await File.WriteAllTextAsync(application, IngestLoad.Application);
            await File.WriteAllTextAsync(configuration, $$$"""
                {
                  "Storage": {"Durability": "{{{(isPower ? "Power" : "Process")}}}"},
                  "Streams": {"Provider": "Kafka", "Publish": [], "Kafka": {"BootstrapServers": "{{{kafka.Address}}}", "GroupId": "{{{topic}}}",
                    "Topics": {"events": {"Name": "{{{topic}}}", "Partitions": {{{Partitions}}} } } } }
                }
                """);
            string[] serve = ["serve-app", application, configuration, Path.Combine(folder.FullName, "data")];
            Console.Error.WriteLine($"durability {(isPower ? "power (a sync for each commit)" : "process")}, {events} events a window over {Partitions} partitions, {IngestLoad.Entities} entities");

            var load = new IngestLoad();
            using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = kafka.Address, Acks = Acks.All, LingerMs = 5, QueueBufferingMaxKbytes = 1 << 20, QueueBufferingMaxMessages = 2_000_000 }).Build();
            var (ours, theirs) = (new List<IngestWindow>(), new List<IngestWindow>());
            var server = await ChildServer.StartAsync(serve);
            try
            {
                for (var i = -1; i < pairs; i++)
                {
                    await server.SignalAsync("STOP");
                    var from = ConsumerPositions(kafka.Address, topic);
                    Produce(producer, topic, load, events);
                    await server.SignalAsync("CONT");
                    var mine = await DrainAsync(server, load.Count, events);
                    var bare = Bare(kafka.Address, topic, from, events);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(i < 0 ? "warm-up" : $"pair {i + 1}/{pairs}")}: OrleansMl {mine.Rate:F0}/s {mine.MicrosecondsPerEvent:F1} µs CPU, bare consumer {bare.Rate:F0}/s {bare.MicrosecondsPerEvent:F1} µs CPU"));
                    if (i < 0)
                        continue;
                    ours.Add(mine);
                    theirs.Add(bare);
                }

                var rate = Figures.Median(ours.Select(w => w.Rate));
                await server.DisposeAsync();
                var missed = await ProduceAtAsync(producer, topic, load, rate / 2, TimeSpan.FromSeconds(away));
                server = await ChildServer.StartAsync(serve);
                var clock = Stopwatch.StartNew();
                await DrainAsync(server, missed, missed);
                var recovery = clock.Elapsed;
                using var client = new IngestClient(server, 4);
                var counted = await client.VerifyAsync(load);
                if (counted != load.Count)
                    throw new InvalidOperationException($"{load.Count} events were produced, and {counted} are counted.");
                Console.Error.WriteLine($"{counted} events, each counted once");

                var engine = Silo.EngineInfo.Name;
                BenchResult[] results =
                [
                    new("events", rate, "1/s", Figures.Median(theirs.Select(w => w.Rate)), Figures.Median(ours.Zip(theirs, (a, b) => a.Rate / b.Rate)), engine),
                    new("processor time per event", Figures.Median(ours.Select(w => w.MicrosecondsPerEvent)), "us", Figures.Median(theirs.Select(w => w.MicrosecondsPerEvent)), Figures.Median(ours.Zip(theirs, (a, b) => a.MicrosecondsPerEvent / b.MicrosecondsPerEvent)), engine),
                    new($"recovery after {away} s away, {missed} events missed", recovery.TotalSeconds, "s", null, null, engine),
                ];
                foreach (var r in results)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Name,-26} {r.Value,10:F1} {r.Unit,-4} {(r.Baseline is { } b ? $"baseline {b,10:F1}  ratio {r.Ratio:F3}  " : "")}({r.Engine})"));
                Console.WriteLine(BenchResults.Write("kafka", results));
                return 0;
            }
            finally
            {
                await server.DisposeAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Produce(IProducer<string, byte[]> producer, string topic, IngestLoad load, int events)
    {
        for (var made = 0; made < events; made += IngestLoad.BatchLines)
            Send(producer, topic, load.Next(DateTime.UtcNow));
        producer.Flush(Patience);
    }

    private static async Task<int> ProduceAtAsync(IProducer<string, byte[]> producer, string topic, IngestLoad load, double rate, TimeSpan duration)
    {
        var (clock, before) = (Stopwatch.StartNew(), load.Count);
        while (clock.Elapsed < duration)
        {
            Send(producer, topic, load.Next(DateTime.UtcNow));
            var ahead = TimeSpan.FromSeconds((load.Count - before) / rate) - clock.Elapsed;
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead);
        }

        producer.Flush(Patience);
        return load.Count - before;
    }

    private static void Send(IProducer<string, byte[]> producer, string topic, IngestLoad.Batch batch)
    {
        foreach (var line in batch.Lines.AsMemory().Split())
        {
            // The entity's id stands at a fixed place: {"id":"e0000000001","entity":{"type":"client","id":"c00000"}
            var key = Encoding.UTF8.GetString(line.Span.Slice(line.Span.IndexOf("\"id\":\"c"u8) + 6, 6));
            producer.Produce(topic, new Message<string, byte[]> { Key = key, Value = line.ToArray() });
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Split(this Memory<byte> lines)
    {
        for (int end; (end = lines.Span.IndexOf((byte)'\n')) >= 0; lines = lines[(end + 1)..])
            yield return lines[..end];
    }

    /// <summary>From now until the server has accepted <paramref name="total"/> events since its start.</summary>
    private static async Task<IngestWindow> DrainAsync(ChildServer server, long total, int events)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var (clock, processor) = (Stopwatch.StartNew(), server.ProcessorTime);
        while (await AcceptedAsync(http) < total)
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException($"{await AcceptedAsync(http)} of {total} events are applied after {Patience}.");
            // Each look costs the server a report of all it counts.
            await Task.Delay(50);
        }

        return new IngestWindow(events, clock.Elapsed, server.ProcessorTime - processor);
    }

    private static async Task<long> AcceptedAsync(HttpClient http)
    {
        const string Name = "oml_events_total{status=\"accepted\"} ";
        var text = await http.GetStringAsync("metrics");
        var at = text.IndexOf(Name, StringComparison.Ordinal);
        return at < 0 ? 0 : long.Parse(text.AsSpan(at + Name.Length, text.AsSpan(at + Name.Length).IndexOf('\n')), CultureInfo.InvariantCulture);
    }

    private static List<TopicPartitionOffset> ConsumerPositions(string address, string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = address, GroupId = "bench-look" }).Build();
        for (var clock = Stopwatch.StartNew(); ; Thread.Sleep(100))
        {
            try
            {
                return [.. Enumerable.Range(0, Partitions).Select(p => new TopicPartition(topic, p)).Select(p => new TopicPartitionOffset(p, consumer.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(20)).High))];
            }
            catch (KafkaException) when (clock.Elapsed < TimeSpan.FromSeconds(20))
            {
                // A topic that was just made has no leader for a moment.
            }
        }
    }

    /// <summary>Consumes and parses, from its first record to its last, on one thread beside the client library's own.</summary>
    private static IngestWindow Bare(string address, string topic, List<TopicPartitionOffset> from, int events)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = address, GroupId = "bench-bare", EnableAutoCommit = false, EnableAutoOffsetStore = false }).Build();
        consumer.Assign(from);
        var process = Process.GetCurrentProcess();
        Stopwatch? clock = null;
        var processor = TimeSpan.Zero;
        long sum = 0;
        for (var read = 0; read < events; read++)
        {
            var record = consumer.Consume(Patience) ?? throw new InvalidOperationException($"Only {read} of {events} records of '{topic}' came.");
            if (clock is null)
                (clock, processor) = (Stopwatch.StartNew(), process.TotalProcessorTime);
            sum += StrictReader.Parse(record.Message.Value, EventJson.Read).Fields.Length;
        }

        process.Refresh();
        return sum == events ? new IngestWindow(events, clock!.Elapsed, process.TotalProcessorTime - processor) : throw new InvalidOperationException("A record has lost its field.");
    }
}
