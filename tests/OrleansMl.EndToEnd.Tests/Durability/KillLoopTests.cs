using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Kill -9 at random points, through HTTP: what was acknowledged is there exactly once.</summary>
public sealed class KillLoopTests : IDisposable
{
    private const int Seed = 4711;

    private readonly TestFolder _folder = new();
    private readonly Ledger _ledger = new();
    private int _inFlight;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_each_kill_everything_acknowledged_is_there_exactly_once_and_the_learner_has_counted_it_once()
    {
        var rounds = Scales.Of(quick: 15, full: 50);
        var random = new Random(Seed);
        var writers = new KillLoopWriters(_ledger, Seed);
        string[] application = ["--app", _folder.Write("fleet.yaml", Fleet.Yaml)];
        for (var round = 0; round < rounds; round++)
        {
            await using var server = await ServerProcess.StartAsync(_folder.At("data"), application);
            application = [];
            await CheckAsync(server.Api, round);
            var target = writers.Acknowledged + 5 + random.Next(120);
            var writing = writers.RunAsync(server.Api, round);
            // The point of the kill is a number of acknowledgements, so that slow machines come as far as quick ones.
            await Eventually.IsAsync(() => Task.FromResult(writers.Acknowledged >= target || writing.IsCompleted ? null : $"{writers.Acknowledged} of {target} acknowledged"));
            await server.KillAsync();
            await writing;
        }

        await using var last = await ServerProcess.StartAsync(_folder.At("data"));
        await CheckAsync(last.Api, rounds);
        var labelled = await CountLabelledAsync(last.Api);
        Assert.Equal(_ledger.Outcomes.Count, labelled);
        Assert.True(_inFlight > rounds, $"only {_inFlight} events were in flight at {rounds} kills");
        Assert.True(labelled > Fleet.Bootstrap, $"only {labelled} labels: the learner was never tried");
        await Eventually.IsAsync(async () => await Fleet.ExamplesAsync(last.Api) is var n && n == labelled ? null : $"the learner has {n} examples of {labelled}");
    }

    private async Task CheckAsync(Api api, int round)
    {
        var examples = await Fleet.ExamplesAsync(api);
        var logged = (await api.GetAsync($"/api/v1/predictions?model={Fleet.Model}", Api.Ndjson)).Done().Lines.ToDictionary(line => line.GetProperty("predictionId").GetString()!);
        var labelled = logged.Values.Count(prediction => prediction.GetProperty("outcome").GetProperty("state").GetString() == "labelled");
        Assert.True(examples <= labelled, $"round {round}: the learner has {examples} examples of {labelled} labelled predictions");

        foreach (var device in _ledger.Events.Values.GroupBy(sent => sent.Device))
        {
            var count = await Fleet.FeatureAsync(api, device.Key, "total:n");
            Assert.InRange(count, device.Count(sent => sent.Acknowledged), device.Count());
        }

        CheckPredictions(logged, round);
        CheckOutcomes(logged, round);
        await SendAgainAsync(api, round);
    }

    private void CheckPredictions(Dictionary<string, JsonElement> all, int round)
    {
        foreach (var asked in _ledger.Predictions.Values.Where(p => p.Answer is not null))
        {
            using var answer = JsonDocument.Parse(asked.Answer!);
            var id = answer.RootElement.GetProperty("predictionId").GetString()!;
            Assert.True(all.TryGetValue(id, out var logged), $"round {round}: prediction {id} of {asked.RequestId} was acknowledged and is lost");
            Assert.Equal(asked.RequestId, logged.GetProperty("requestId").GetString());
            Assert.Equal(answer.RootElement.GetProperty("output").GetRawText(), logged.GetProperty("output").GetRawText());
            var vector = logged.GetProperty("vector").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("value"));
            Assert.Equal(asked.Load, vector["load"].GetDouble());
            Assert.Equal(JsonValueKind.Number, vector["total:n"].ValueKind);
        }

        // Once for each request: a repeat after a kill found the first, or made the only one.
        var requests = all.Values.Select(p => p.GetProperty("requestId").GetString()!).ToArray();
        Assert.Equal(requests.Length, requests.Distinct().Count());
        Assert.Empty(requests.Except(_ledger.Predictions.Keys));
    }

    private void CheckOutcomes(Dictionary<string, JsonElement> all, int round)
    {
        foreach (var truth in _ledger.Outcomes.Values.Where(o => o.Acknowledged))
        {
            var outcome = all[truth.PredictionId].GetProperty("outcome");
            Assert.True(outcome.GetProperty("state").GetString() == "labelled", $"round {round}: outcome {truth.Id} was acknowledged, and its prediction is {outcome}");
            Assert.Equal(truth.Id, outcome.GetProperty("id").GetString());
            Assert.Equal(truth.Broken ? "broken" : "fine", outcome.GetProperty("value").GetString());
        }
    }

    // What was in flight at the kill is sent again under its own ids: then all counts are exact.
    private async Task SendAgainAsync(Api api, int round)
    {
        var events = _ledger.Events.Values.Where(sent => !sent.Acknowledged).ToArray();
        _inFlight += events.Length;
        if (events.Length > 0)
        {
            var answer = (await api.PostAsync("/api/v1/events", Fleet.Lines(events.Select(sent => Fleet.Reading(sent.Id, sent.Device, 1))), Api.Ndjson)).Is(200);
            Assert.Equal(events.Length, answer.Body.GetProperty("accepted").GetInt32() + answer.Body.GetProperty("duplicates").GetInt32());
            foreach (var sent in events)
                sent.Acknowledged = true;
        }

        foreach (var device in _ledger.Events.Values.GroupBy(sent => sent.Device))
        {
            Assert.Equal((round, device.Key, device.Count()), (round, device.Key, await Fleet.FeatureAsync(api, device.Key, "total:n")));
            Assert.Equal(device.Count(), await Fleet.FeatureAsync(api, device.Key, "total:sum"));
        }

        foreach (var asked in _ledger.Predictions.Values.Where(p => p.Answer is null))
        {
            asked.Answer = (await api.PostAsync($"/api/v1/models/{Fleet.Model}/predict", Fleet.Predict(asked.Device, asked.Load, asked.RequestId))).Is(200).Text;
            Assert.Equal(asked.Answer, (await api.PostAsync($"/api/v1/models/{Fleet.Model}/predict", Fleet.Predict(asked.Device, asked.Load, asked.RequestId))).Is(200).Text);
        }

        foreach (var truth in _ledger.Outcomes.Values.Where(o => !o.Acknowledged))
        {
            var told = (await api.PostAsync("/api/v1/outcomes", Fleet.Outcome(truth.Id, truth.PredictionId, truth.Broken))).Is(200);
            Assert.Contains(told.Body.GetProperty("results")[0].GetProperty("status").GetString(), (string[])["joined", "duplicate"]);
            truth.Acknowledged = true;
        }
    }

    private static async Task<int> CountLabelledAsync(Api api) =>
        (await api.GetAsync($"/api/v1/predictions?model={Fleet.Model}&state=labelled", Api.Ndjson)).Done().Lines.Count;
}
