using OrleansMl.Declaration;
using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests.Labels;

/// <summary>Sources that say different things about one prediction.</summary>
[Collection(LoopCollection.Name)]
public sealed class LabelSourceTests(LoopFixture loop)
{
    private const string Ranked = "sources: [{name: desk, priority: 10}, {name: client, priority: 5}]";

    [Fact]
    public async Task A_lower_source_never_overrides_a_higher_one_and_a_higher_one_relearns_once()
    {
        var toy = await ApplyAsync(Ranked);
        var answer = await toy.PredictAsync();
        Assert.Equal(OutcomeStatus.Joined, (await SayAsync(answer, "client", "yes")).Status);
        Assert.Equal(OutcomeStatus.Corrected, (await SayAsync(answer, "desk", "no")).Status);
        Assert.Equal(OutcomeStatus.Kept, (await SayAsync(answer, "client", "yes", "again")).Status);
        Assert.Equal(OutcomeStatus.Kept, (await SayAsync(answer, "stranger", "yes")).Status);

        var logged = await GetAsync(answer);
        Assert.Equal((PredictionState.Corrected, 0.0, "desk"), (logged.Record.State, logged.Record.Label, logged.Record.OutcomeSource));
        Assert.Equal(
            [("client", "yes", LabelVerdict.Replaced), ("desk", "no", LabelVerdict.Stands), ("client", "yes", LabelVerdict.Kept), ("stranger", "yes", LabelVerdict.Kept)],
            logged.History.Select(h => (h.Statement.Source, h.Value.AsText()!, h.Statement.Verdict)));

        // The truth of the entity is the label that stands, once.
        Assert.Equal([0.0, 1.0], (await toy.ReadAsync("1", null, $"{toy.Name}-truth:*")).Select(f => f.Value.AsNumber()));
        await toy.DrainAsync();
        Assert.Equal(2, (await loop.Grains.GetGrain<ITrainerGrain>(toy.Name).GetAsync()).Value.Examples);
    }

    [Fact]
    public async Task A_correction_goes_before_every_source_under_every_policy()
    {
        foreach (var policy in new[] { Ranked, "conflict: latest", "conflict: first", "conflict: majority" })
        {
            var toy = await ApplyAsync(policy);
            var answer = await toy.PredictAsync();
            await SayAsync(answer, "desk", "yes");
            await SayAsync(answer, "client", "yes");
            Assert.Equal(OutcomeStatus.Corrected, (await SayAsync(answer, LabelSources.Correction, "no")).Status);
            Assert.Equal(OutcomeStatus.Kept, (await SayAsync(answer, "desk", "yes", "later")).Status);
            Assert.Equal((0.0, "correction"), ((await GetAsync(answer)).Record.Label, (await GetAsync(answer)).Record.OutcomeSource));
        }
    }

    [Fact]
    public async Task The_first_stands_or_most_decide_as_the_target_says()
    {
        var first = await ApplyAsync("conflict: first");
        var answer = await first.PredictAsync();
        await SayAsync(answer, "a", "yes");
        Assert.Equal(OutcomeStatus.Kept, (await SayAsync(answer, "b", "no")).Status);
        Assert.Equal(1.0, (await GetAsync(answer)).Record.Label);

        var majority = await ApplyAsync("conflict: majority");
        answer = await majority.PredictAsync();
        var time = loop.Clock.Now;
        await SayAsync(answer, "a", "yes", time: time.AddMinutes(1));
        Assert.Equal(OutcomeStatus.Kept, (await SayAsync(answer, "b", "no", time: time)).Status);
        Assert.Equal(OutcomeStatus.Corrected, (await SayAsync(answer, "c", "no", time: time)).Status);
        Assert.Equal((PredictionState.Corrected, 0.0), ((await GetAsync(answer)).Record.State, (await GetAsync(answer)).Record.Label));
    }

    [Fact]
    public async Task Every_order_of_the_same_words_comes_to_the_same_label()
    {
        var toy = await ApplyAsync("sources: [{name: a, priority: 3}, {name: b, priority: 2}, {name: c, priority: 2}]");
        var random = new Random(7);
        for (var round = 0; round < 12; round++)
        {
            var words = Enumerable.Range(0, 4).Select(i => (Source: "abcd"[random.Next(4)].ToString(), Value: random.Next(2) == 0 ? "no" : "yes", Minute: i)).ToArray();
            var labels = new List<double?>();
            foreach (var order in new[] { words, [.. words.Reverse()], [.. words.OrderBy(w => w.Value)] })
            {
                var answer = await toy.PredictAsync(id: $"{round}-{labels.Count}");
                var start = loop.Clock.Now;
                foreach (var (source, value, minute) in order)
                    await SayAsync(answer, source, value, $"o{minute}", start.AddSeconds(minute));
                labels.Add((await GetAsync(answer)).Record.Label);
            }

            Assert.Single(labels.Distinct());
        }
    }

    [Fact]
    public async Task A_source_that_is_not_listed_may_be_refused()
    {
        var toy = await ApplyAsync(Ranked + ", unknownSources: refuse");
        var answer = await toy.PredictAsync();
        var refused = await SayAsync(answer, "stranger", "yes");
        Assert.Equal((OutcomeStatus.Rejected, "unknown_source"), (refused.Status, refused.Fault!.Code));
        Assert.Contains("desk, client", refused.Fault.Detail, StringComparison.Ordinal);
        Assert.Equal("unknown_source", (await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"))).Fault!.Code);
        Assert.Equal("unknown_source", (await SayAsync(answer, LabelSources.Default, "yes")).Fault!.Code);
        Assert.Equal(OutcomeStatus.Joined, (await SayAsync(answer, "desk", "yes")).Status);
    }

    [Fact]
    public async Task By_entity_another_source_speaks_about_what_is_labelled_and_about_what_is_to_come()
    {
        var toy = await ApplyAsync(Ranked);
        var answer = await toy.PredictAsync();
        Assert.Equal(OutcomeStatus.Joined, (await SayAsync(toy, "client", "yes", "c1")).Status);
        Assert.Equal(OutcomeStatus.Corrected, (await SayAsync(toy, "desk", "no", "d1")).Status);
        Assert.Equal((0.0, "desk"), ((await GetAsync(answer)).Record.Label, (await GetAsync(answer)).Record.OutcomeSource));

        // The lower one restates its own outcome: it is kept, and the truth stays.
        Assert.Equal(OutcomeStatus.Kept, (await SayAsync(toy, "client", "yes", "c1", revision: 1, time: loop.Clock.Now)).Status);
        Assert.Equal(0.0, (await GetAsync(answer)).Record.Label);

        // Two early ones: the higher stands, whichever came first.
        loop.Clock.Advance(TimeSpan.FromHours(3));
        var time = loop.Clock.Now;
        Assert.Equal(OutcomeStatus.Early, (await SayAsync(toy, "desk", "no", "d2", time: time)).Status);
        Assert.Equal(OutcomeStatus.Early, (await SayAsync(toy, "client", "yes", "c2", time: time)).Status);
        var late = await toy.PredictAsync(time: time.AddMinutes(-5));
        Assert.Equal((PredictionState.Labelled, 0.0, "desk"), ((await GetAsync(late)).Record.State, (await GetAsync(late)).Record.Label, (await GetAsync(late)).Record.OutcomeSource));
        Assert.Equal(2, (await GetAsync(late)).History.Length);
    }

    [Fact]
    public async Task A_reason_is_kept_and_a_repeat_is_a_duplicate_whatever_stands()
    {
        var toy = await ApplyAsync(Ranked);
        var answer = await toy.PredictAsync();
        await SayAsync(answer, "desk", "yes");
        var kept = new IngestOutcome("k", answer.PredictionId, null, null, null, null, Scalar.Of("no"), "client", 0) { Reason = "the parcel came" };
        Assert.Equal(OutcomeStatus.Kept, (await loop.Ingest.RecordOutcomesAsync([kept], default))[0].Status);
        Assert.Equal(OutcomeStatus.Duplicate, (await loop.Ingest.RecordOutcomesAsync([kept], default))[0].Status);
        Assert.Equal("the parcel came", (await GetAsync(answer)).History[1].Statement.Reason);
        Assert.Equal([1.0, 1.0], (await toy.ReadAsync("1", null, $"{toy.Name}-truth:*")).Select(f => f.Value.AsNumber()));
    }

    private async Task<Toy> ApplyAsync(string keys)
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml().Replace("default: none}", $"default: none, {keys}}}", StringComparison.Ordinal));
        return toy;
    }

    private async Task<LoggedPrediction> GetAsync(PredictResponse answer) => (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value;

    private async Task<OutcomeResult> SayAsync(PredictResponse answer, string source, string value, string? id = null, DateTime? time = null) =>
        (await loop.Ingest.RecordOutcomesAsync([new IngestOutcome($"{source}-{id ?? "1"}", answer.PredictionId, null, null, null, time, Scalar.Of(value), source, 0)], default))[0];

    private async Task<OutcomeResult> SayAsync(Toy toy, string source, string value, string id, int revision = 0, DateTime? time = null) =>
        (await loop.Ingest.RecordOutcomesAsync([new IngestOutcome(id, null, toy.Entity(), toy.Target, null, time ?? loop.Clock.Now, Scalar.Of(value), source, revision)], default))[0];
}
