namespace OrleansMl.EndToEnd.Tests;

/// <summary>Writers of events, predictions and outcomes, until the server is gone under them.</summary>
internal sealed class KillLoopWriters(Ledger ledger, int seed)
{
    public const int Devices = 6;

    private int _next;

    private int _acknowledged;

    /// <summary>Requests that were acknowledged since the start.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public static string Device(int number) => $"k{number}";

    /// <summary>Writes on several connections; ends when the first request of each finds no server.</summary>
    public Task RunAsync(Api api, int round) => Task.WhenAll(
        UntilGoneAsync(new Random(HashCode.Combine(seed, round, 1)), random => BatchAsync(api, random)),
        UntilGoneAsync(new Random(HashCode.Combine(seed, round, 2)), random => BatchAsync(api, random)),
        UntilGoneAsync(new Random(HashCode.Combine(seed, round, 3)), random => EventAsync(api, random)),
        UntilGoneAsync(new Random(HashCode.Combine(seed, round, 4)), random => AskAndTellAsync(api, random)),
        UntilGoneAsync(new Random(HashCode.Combine(seed, round, 5)), random => AskAndTellAsync(api, random)));

    private static async Task UntilGoneAsync(Random random, Func<Random, Task> write)
    {
        try
        {
            while (true)
                await write(random);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // Killed.
        }
    }

    private async Task EventAsync(Api api, Random random)
    {
        var sent = NewEvent(random);
        var answer = (await api.PostAsync("/api/v1/events", Fleet.Reading(sent.Id, sent.Device, 1))).Is(200);
        Assert.Equal("1", answer["accepted"]);
        sent.Acknowledged = true;
        Interlocked.Increment(ref _acknowledged);
    }

    private async Task BatchAsync(Api api, Random random)
    {
        var batch = Enumerable.Range(0, 1 + random.Next(20)).Select(_ => NewEvent(random)).ToArray();
        var answer = (await api.PostAsync("/api/v1/events", Fleet.Lines(batch.Select(sent => Fleet.Reading(sent.Id, sent.Device, 1))), Api.Ndjson)).Is(200);
        Assert.Equal(batch.Length, answer.Body.GetProperty("accepted").GetInt32());
        foreach (var sent in batch)
            sent.Acknowledged = true;
        Interlocked.Increment(ref _acknowledged);
    }

    private async Task AskAndTellAsync(Api api, Random random)
    {
        var number = Interlocked.Increment(ref _next);
        var asked = new Ledger.Asked($"r{number}", Device(random.Next(Devices)), Math.Round((random.NextDouble() * 4) - 2, 3));
        ledger.Predictions[asked.RequestId] = asked;
        var answer = (await api.PostAsync($"/api/v1/models/{Fleet.Model}/predict", Fleet.Predict(asked.Device, asked.Load, asked.RequestId))).Is(200);
        asked.Answer = answer.Text;
        Interlocked.Increment(ref _acknowledged);
        if (random.Next(4) == 0)
            return;

        var truth = new Ledger.Truth($"o{number}", answer["predictionId"]!, asked.Load > 0);
        ledger.Outcomes[truth.Id] = truth;
        var told = (await api.PostAsync("/api/v1/outcomes", Fleet.Outcome(truth.Id, truth.PredictionId, truth.Broken))).Is(200);
        Assert.Equal("joined", told.Body.GetProperty("results")[0].GetProperty("status").GetString());
        truth.Acknowledged = true;
        Interlocked.Increment(ref _acknowledged);
    }

    private Ledger.Sent NewEvent(Random random)
    {
        var sent = new Ledger.Sent($"e{Interlocked.Increment(ref _next)}", Device(random.Next(Devices)));
        ledger.Events[sent.Id] = sent;
        return sent;
    }
}
