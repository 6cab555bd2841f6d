namespace OrleansMl.Gateway.Tests;

public class IdempotencyTests
{
    private const string Event = """{"id":"e1","entity":{"type":"client","id":"1"},"type":"seen"}""";

    [Fact]
    public async Task The_same_key_and_body_get_the_same_answer_until_the_horizon()
    {
        await using var host = await GatewayHost.StartAsync();
        var first = await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k"));
        var second = await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k"));
        Assert.Equal((first.Status, first.Body, first.ContentType), (second.Status, second.Body, second.ContentType));
        Assert.Equal((1, "true", false), (host.Ingest.Appends, second.Headers["Idempotency-Replayed"], first.Headers.ContainsKey("Idempotency-Replayed")));

        host.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, (await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k")))["duplicates"].GetInt32());
        Assert.Equal(2, host.Ingest.Appends);
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_a_conflict_and_another_route_is_not()
    {
        await using var host = await GatewayHost.StartAsync();
        await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k"));
        var answer = await host.PostAsync("/api/v1/events", Event.Replace("e1", "e2"), ("Idempotency-Key", "k"));
        Assert.Equal((409, "idempotency_mismatch"), (answer.Status, answer.Code));
        Assert.Equal(200, (await host.PostAsync("/api/v1/features/read", """{"entity":{"type":"client","id":"1"}}""", ("Idempotency-Key", "k"))).Status);
        Assert.Equal(400, (await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", new string('k', 256)))).Status);
    }

    [Fact]
    public async Task Repeats_in_flight_wait_for_the_first()
    {
        await using var host = await GatewayHost.StartAsync();
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        host.Ingest.BeforeAppend = () =>
        {
            entered.TrySetResult();
            return gate.Task;
        };
        var first = host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k"));
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var others = Enumerable.Range(0, 5).Select(_ => host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k"))).ToList();
        gate.SetResult();
        var answers = await Task.WhenAll(others.Append(first));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.Equal(1, host.Ingest.Appends);
    }

    [Fact]
    public async Task Errors_of_the_caller_are_kept_and_errors_of_the_server_are_not()
    {
        await using var host = await GatewayHost.StartAsync();
        var bad = await host.PostAsync("/api/v1/events", "{}", ("Idempotency-Key", "bad"));
        var repeat = await host.PostAsync("/api/v1/events", "{}", ("Idempotency-Key", "bad"));
        Assert.Equal((400, "application/problem+json", bad.Body, "true"), (repeat.Status, repeat.ContentType, repeat.Body, repeat.Headers["Idempotency-Replayed"]));
        for (var i = 0; i < 2; i++)
        {
            var full = await host.PostAsync("/api/v1/models/full/predict", "{}", ("Idempotency-Key", "full"));
            Assert.Equal((503, false, "1"), (full.Status, full.Headers.ContainsKey("Idempotency-Replayed"), full.Headers["Retry-After"]));
        }

        Assert.Equal(2, host.Predictions.Requests.Count);
    }

    [Fact]
    public async Task The_cache_is_bounded_and_the_oldest_answer_goes_first()
    {
        await using var host = await GatewayHost.StartAsync(options => options.IdempotencyEntries = 2);
        for (var i = 0; i < 3; i++)
            await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k" + i));
        Assert.Equal(3, host.Ingest.Appends);
        Assert.True((await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k2"))).Headers.ContainsKey("Idempotency-Replayed"));
        Assert.False((await host.PostAsync("/api/v1/events", Event, ("Idempotency-Key", "k0"))).Headers.ContainsKey("Idempotency-Replayed"));
    }
}
