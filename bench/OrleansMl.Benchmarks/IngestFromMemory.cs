using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Services;
using OrleansMl.Storage.Embedded;
using OrleansMl.Wire;

namespace OrleansMl.Benchmarks;

/// <summary>
/// Events from memory to the grains of their entities, until they are durable and folded: what is left of ingest without
/// HTTP and JSON, and so the most that any stream could bring in. Also says what an event allocates.
/// </summary>
internal static class IngestFromMemory
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var windows = Figures.Option(arguments, "--pairs", 5, 100);
        var batch = Figures.Option(arguments, "--batch", IngestLoad.BatchLines, 10_000);
        var batches = Math.Max(1, Figures.Option(arguments, "--events", 50_000, 1_000_000) / batch);
        var senders = Figures.Option(arguments, "--connections", 4, 64);
        var folder = Directory.CreateTempSubdirectory("oml-bench-");
        try
        {
            using var host = await StartAsync(folder.FullName, arguments.Contains("process") ? StoreDurability.Process : StoreDurability.Power);
            var ingest = host.Services.GetRequiredService<IIngestService>();
            var random = new Random(1);
            var (results, made) = (new List<(IngestWindow Window, double Bytes, int Collections)>(), 0);
            for (var i = -2; i < windows; i++)
            {
                IngestEvent[][] work = [.. Enumerable.Range(0, batches).Select(_ => Enumerable.Range(0, batch).Select(_ => Event(random, ++made)).ToArray())];
                var (bytes, collections, cpu, clock) = (GC.GetTotalAllocatedBytes(), GC.CollectionCount(0), Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
                var (next, accepted) = (-1, 0);
                await Task.WhenAll(Enumerable.Range(0, senders).Select(_ => Task.Run(async () =>
                {
                    for (int k; (k = Interlocked.Increment(ref next)) < work.Length;)
                        Interlocked.Add(ref accepted, (await ingest.AppendEventsAsync(work[k], CancellationToken.None)).Items.Count(item => item.Status == AppendStatus.Accepted));
                })));
                if (accepted != batches * batch)
                    throw new InvalidOperationException($"Of {batches * batch} events {accepted} were accepted.");
                var window = new IngestWindow(accepted, clock.Elapsed, Environment.CpuUsage.TotalTime - cpu);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(i < 0 ? "warm-up" : $"window {i + 1}/{windows}")}: {window.Rate:F0}/s {window.MicrosecondsPerEvent:F1} µs CPU, {(GC.GetTotalAllocatedBytes() - bytes) / (double)accepted:F0} B, {GC.CollectionCount(0) - collections} collections"));
                if (i >= 0)
                    results.Add((window, (GC.GetTotalAllocatedBytes() - bytes) / (double)accepted, GC.CollectionCount(0) - collections));
            }

            var engine = Silo.EngineInfo.Name;
            BenchResult[] rows =
            [
                new("events from memory", Figures.Median(results.Select(r => r.Window.Rate)), "1/s", null, null, engine),
                new("processor time per event", Figures.Median(results.Select(r => r.Window.MicrosecondsPerEvent)), "us", null, null, engine),
                new("allocated per event", Figures.Median(results.Select(r => r.Bytes)), "B", null, null, engine),
            ];
            foreach (var row in rows)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-26} {row.Value,10:F1} {row.Unit,-4} ({row.Engine})"));
            Console.WriteLine(BenchResults.Write("ingest-memory", rows));
            await host.StopAsync();
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IngestEvent Event(Random random, int number) => new(
        "e" + number.ToString("D10", CultureInfo.InvariantCulture),
        new EntityId("client", IngestLoad.IdOf(random.Next(IngestLoad.Entities))),
        "payment",
        DateTime.UtcNow,
        [new NamedValue("amount", Scalar.Of(random.Next(1, 1_000_000) / 100.0))]);

    private static async Task<IHost> StartAsync(string folder, StoreDurability durability)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), 0);
            silo.AddReminders();
            silo.AddEmbeddedStore(store => (store.DataFolder, store.Durability) = (folder, durability));
            silo.AddOrleansMl();
        });
        var host = builder.Build();
        await host.StartAsync();
        var applied = await host.Services.GetRequiredService<IControlService>().ApplyAsync(new ApplyRequest(IngestLoad.Application), CancellationToken.None);
        return applied.Error is { } error ? throw new InvalidOperationException(error.Detail) : host;
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
