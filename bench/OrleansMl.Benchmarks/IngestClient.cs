using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansMl.Benchmarks;

/// <summary>The sender and reader of the ingest benchmark.</summary>
internal sealed class IngestClient(ChildServer server, int connections) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(60) };
    private int _inFlight;

    /// <summary>Posts the batches as fast as the server takes them, one at a time on each connection.</summary>
    public async Task<IngestWindow> PostAllAsync(IReadOnlyList<IngestLoad.Batch> batches)
    {
        var before = server.ProcessorTime;
        var clock = Stopwatch.StartNew();
        var (next, accepted) = (-1, 0);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < batches.Count;)
                Interlocked.Add(ref accepted, await PostAsync(batches[i]));
        })));
        return new IngestWindow(accepted, clock.Elapsed, server.ProcessorTime - before);
    }

    /// <summary>
    /// Posts by the clock, whatever the answers do, and measures the time from a batch's turn until a read of one of its
    /// entities shows all events of that entity up to the batch.
    /// </summary>
    public async Task<double[]> MeasureFreshnessAsync(IngestLoad load, double eventsPerSecond, TimeSpan duration)
    {
        // More would only say that the server cannot keep up.
        const int MostInFlight = 256;
        var interval = TimeSpan.FromSeconds(IngestLoad.BatchLines / eventsPerSecond);
        var probes = new List<Task<double>>();
        var clock = Stopwatch.StartNew();
        for (var due = TimeSpan.Zero; due < duration; due += interval)
        {
            var batch = load.Next(DateTime.UtcNow);
            if (due - clock.Elapsed is { } wait && wait > TimeSpan.Zero)
                await Task.Delay(wait);
            if (Volatile.Read(ref _inFlight) >= MostInFlight)
                throw new InvalidOperationException($"{MostInFlight} batches are on their way: the server does not keep up with {eventsPerSecond:F0} events/s.");
            probes.Add(ProbeAsync(batch, due, clock));
        }

        return await Task.WhenAll(probes);
    }

    /// <summary>The sum of the counts of all entities; throws where one is not what was sent.</summary>
    public async Task<long> VerifyAsync(IngestLoad load)
    {
        long sum = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, IngestLoad.Entities), new ParallelOptions { MaxDegreeOfParallelism = connections }, async (entity, _) =>
        {
            var count = load.Made[entity] == 0 ? 0 : await ReadCountAsync(entity);
            if (count != load.Made[entity])
                throw new InvalidOperationException($"Of entity '{IngestLoad.IdOf(entity)}' {load.Made[entity]} events were accepted, and {count} are counted.");
            Interlocked.Add(ref sum, count);
        });
        return sum;
    }

    public void Dispose() => _http.Dispose();

    private async Task<double> ProbeAsync(IngestLoad.Batch batch, TimeSpan due, Stopwatch clock)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            await PostAsync(batch);
            while (await ReadCountAsync(batch.Probe) < batch.ProbeCount)
            {
                if (clock.Elapsed - due > TimeSpan.FromSeconds(30))
                    throw new InvalidOperationException("Acknowledged events do not appear.");
            }

            return (clock.Elapsed - due).TotalMilliseconds;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task<int> PostAsync(IngestLoad.Batch batch)
    {
        using var content = new ByteArrayContent(batch.Lines);
        content.Headers.ContentType = new("application/x-ndjson");
        using var response = await _http.PostAsync("api/v1/events", content);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        var accepted = answer.GetProperty("accepted").GetInt32();
        return accepted == IngestLoad.BatchLines ? accepted : throw new InvalidOperationException($"Not all {IngestLoad.BatchLines} events were accepted: {answer}");
    }

    private async Task<int> ReadCountAsync(int entity)
    {
        using var response = await _http.PostAsJsonAsync("api/v1/features/read", new { entity = new { type = "client", id = IngestLoad.IdOf(entity) }, features = (string[])["spent:count_1d"] });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("features")[0].GetProperty("value").GetInt32();
    }
}
