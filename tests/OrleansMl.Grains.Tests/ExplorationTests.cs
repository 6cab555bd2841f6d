using OrleansMl.Jobs;
using OrleansMl.Predictions;
using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests;

/// <summary>Ranked answers that are drawn, as served and as logged. Names are fixed: the draws hang on them.</summary>
[Collection(LoopCollection.Name)]
public sealed class ExplorationTests(LoopFixture loop)
{
    private static readonly string[] s_products = ["ball", "drum", "kite"];

    [Fact]
    public async Task Firsts_come_as_often_as_their_logged_propensities_say()
    {
        const string Name = "explored-served";
        await ApplyAsync(Name, "exploration: {type: softmax, lambda: 2, seed: 7}");
        await BootstrapAsync(Name);

        const int Asked = 600;
        var (firsts, expected) = (s_products.ToDictionary(p => p, _ => 0), s_products.ToDictionary(p => p, _ => 0.0));
        var seconds = 0.0;
        for (var i = 0; i < Asked; i++)
        {
            var answer = await PredictAsync(Name, $"r{i}");
            Assert.Equal(1, answer.Version);
            Assert.Equal(answer.Ranked[0].Propensity!.Value * answer.Ranked[1].Propensity!.Value, answer.Propensity!.Value, 1e-12);
            firsts[answer.Ranked[0].Entity.Id]++;
            var record = (await loop.Store.Predictions.FindAsync(answer.PredictionId))!;
            Assert.Equal(answer.Ranked[0].Propensity, record.Propensity);
            var decision = DecisionCodec.Decode(record.Decision);
            Assert.Equal(1, decision.Sum(c => c.Propensity), 1e-12);
            Assert.Equal(record.Propensity!.Value, decision.Single(c => c.Subject == record.Subject).Propensity, 1e-12);
            foreach (var candidate in decision)
                expected[candidate.Subject] += candidate.Propensity;
            seconds += answer.Ranked[1].Propensity!.Value;
        }

        // Unequal scores, so that the draws are neither even nor always the best; then chi-square with 2 degrees of freedom at 0.001.
        Assert.True(expected.Values.Max() > 1.2 * expected.Values.Min(), string.Join(", ", expected));
        var statistic = s_products.Sum(p => Math.Pow(firsts[p] - expected[p], 2) / expected[p]);
        Assert.True(statistic < 13.8, $"{statistic}: {string.Join(", ", firsts)} where {string.Join(", ", expected)} are expected");
        Assert.InRange(seconds / Asked, 0.34, 0.75);
    }

    [Fact]
    public async Task The_prior_draws_evenly_and_each_candidate_shown_is_logged_with_its_propensity()
    {
        const string Name = "explored-prior";
        await ApplyAsync(Name, "exploration: {type: epsilon_greedy, epsilon: 0.01}");
        var firsts = s_products.ToDictionary(p => p, _ => 0);
        for (var i = 0; i < 300; i++)
        {
            var answer = await PredictAsync(Name, $"r{i}");
            Assert.Equal("prior", answer.Fallback);
            Assert.Equal([1.0 / 3, 1.0 / 2], answer.Ranked.Select(r => r.Propensity!.Value), (a, b) => Math.Abs(a - b) < 1e-12);
            Assert.Equal(1.0 / 6, answer.Propensity!.Value, 1e-12);
            firsts[answer.Ranked[0].Entity.Id]++;
        }

        Assert.True(firsts.Values.Sum(n => Math.Pow(n - 100, 2) / 100) < 13.8, string.Join(", ", firsts));

        var records = await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = Name, Limit = 2 });
        Assert.Equal([1.0 / 3, 1.0 / 2], records.Select(r => r.Propensity!.Value).Order(), (a, b) => Math.Abs(a - b) < 1e-12);
        var first = records.Single(r => r.RequestId is not null);
        Assert.True(records.Single(r => r.RequestId is null).Decision.IsEmpty);
        var decision = DecisionCodec.Decode(first.Decision);
        Assert.Equal(s_products, decision.Select(c => c.Subject));

        // The margin is no column: it is kept all the same, since post-processing needs it.
        Assert.Equal([0, 0.1, 0.2], decision.Select(c => c.Values.Single(v => v.Name == Name + "-product.margin").Value.AsNumber()));
    }

    [Fact]
    public async Task A_repeated_request_gets_the_same_answer_and_a_named_version_is_asked_for_what_it_says()
    {
        const string Name = "explored-repeat";
        await ApplyAsync(Name, "exploration: {type: epsilon_greedy, epsilon: 1}");
        var early = await PredictAsync(Name, "early");
        await BootstrapAsync(Name);
        var again = await PredictAsync(Name, "early");
        Assert.Equal((early.PredictionId, early.Propensity), (again.PredictionId, again.Propensity));
        Assert.Equal(early.Ranked.AsEnumerable(), again.Ranked.AsEnumerable());

        foreach (var named in new[] { Request(Name, null) with { Version = 1 }, Request(Name, null) with { Alias = "champion" } })
        {
            var answer = await loop.Predictions.PredictAsync(named, default);
            Assert.True(answer.IsSuccess, answer.Error?.Detail);
            Assert.Null(answer.Value.Propensity);
            Assert.All(answer.Value.Ranked, r => Assert.Null(r.Propensity));
            Assert.True(answer.Value.Ranked[0].Score >= answer.Value.Ranked[1].Score);
            Assert.True((await loop.Store.Predictions.FindAsync(answer.Value.PredictionId))!.Decision.IsEmpty);
        }
    }

    [Fact]
    public async Task Without_exploration_the_best_is_shown_and_nothing_says_that_it_was_drawn()
    {
        const string Name = "unexplored";
        await ApplyAsync(Name, "");
        for (var i = 0; i < 5; i++)
        {
            var answer = await PredictAsync(Name, null);
            Assert.Equal(["kite", "drum"], answer.Ranked.Select(r => r.Entity.Id));
            Assert.All(answer.Ranked, r => Assert.Null(r.Propensity));
            Assert.Null(answer.Propensity);
            var record = (await loop.Store.Predictions.FindAsync(answer.PredictionId))!;
            Assert.Null(record.Propensity);
            Assert.True(record.Decision.IsEmpty);
        }
    }

    [Fact]
    public async Task Another_policy_is_judged_from_the_log_of_draws_and_not_without_one()
    {
        const string Name = "explored-judged";
        await ApplyAsync(Name, "exploration: {type: epsilon_greedy, epsilon: 1}");
        await BootstrapAsync(Name);

        // From here on only balls are bought; the version, taken alone, shows the ball first.
        for (var i = 0; i < 200; i++)
        {
            var shown = await PredictAsync(Name, $"q{i}");
            foreach (var candidate in shown.Ranked)
                await BuyAsync(Name, $"q{i}", candidate.Entity.Id, candidate.Entity.Id == "ball");
            loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var from = loop.Clock.Now.AddSeconds(-200).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var job = await EvaluateAsync(Name, """{"metrics":["ndcg@2","hit_rate","accuracy"],"policy":{"version":"1"}}""", $$"""{"from":"{{from}}"}""");
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        var result = System.Text.Json.JsonDocument.Parse(job.Result!).RootElement;
        var policy = result.GetProperty("policy");
        Assert.Equal(200, policy.GetProperty("decisions").GetInt32());
        var estimates = policy.GetProperty("estimates").EnumerateArray().ToDictionary(e => e.GetProperty("method").GetString()!);

        // Evenly drawn, one first in three is the ball; always showing it would be right always.
        Assert.InRange(estimates["logged"].GetProperty("value").GetDouble(), 0.2, 0.47);
        Assert.InRange(1.0, estimates["ips"].GetProperty("ci")[0].GetDouble(), estimates["ips"].GetProperty("ci")[1].GetDouble());
        Assert.Equal(1, estimates["snips"].GetProperty("value").GetDouble(), 1e-9);
        Assert.InRange(estimates["dr"].GetProperty("value").GetDouble(), 0.8, 1.2);
        Assert.Equal(3, estimates["ips"].GetProperty("maxWeight").GetDouble(), 1e-9);
        Assert.InRange(estimates["ips"].GetProperty("effectiveSampleSize").GetDouble(), 40, 95);

        // A hit is a ball among the two shown: an answer without one has nothing relevant and counts in no figure.
        Assert.Equal(1, Figure("hit_rate").GetProperty("value").GetDouble());
        Assert.InRange(Figure("ndcg@2").GetProperty("value").GetDouble(), 0.7, 0.95);

        var refused = await EvaluateAsync("explored-judged", """{"policy":{"version":"1"}}""", """{"from":"2001-01-01T00:00:00Z","to":"2001-01-02T00:00:00Z"}""");
        Assert.Equal((JobState.Failed, "no_propensities"), (refused.State, refused.Error!.Code));

        System.Text.Json.JsonElement Figure(string metric) => result.GetProperty("results").EnumerateArray().Single(f => f.GetProperty("metric").GetString() == metric);
    }

    private async Task<JobStatus> EvaluateAsync(string name, string parameters, string window)
    {
        var jobs = loop.Get<IJobService>();
        var made = await jobs.CreateAsync(new JobSpec { Kind = "evaluate", Model = name, Params = parameters, Window = window }, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        await Eventually.IsAsync(async () => (await jobs.GetAsync(made.Value.Id, default)).Value is { IsFinal: true } ? null : "it has not ended", TimeSpan.FromSeconds(90));
        return (await jobs.GetAsync(made.Value.Id, default)).Value;
    }

    private async Task BuyAsync(string name, string id, string product, bool bought)
    {
        var outcome = new IngestOutcome(id + product, null, new EntityId(name + "-customer", "c"), "bought", product, loop.Clock.Now, Scalar.Of(bought), null, 0);
        Assert.Equal(OutcomeStatus.Joined, (await loop.Ingest.RecordOutcomesAsync([outcome], default))[0].Status);
    }

    private async Task ApplyAsync(string name, string exploration)
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest($$$$"""
            apiVersion: orleansml/v1
            kind: Application
            name: {{{{name}}}}
            clock: wall
            entities:
              - {name: {{{{name}}}}-customer}
              - {name: {{{{name}}}}-product, attributes: {category: {type: string}, margin: {type: float}}}
            models:
              - name: {{{{name}}}}
                entity: {{{{name}}}}-customer
                candidates: {{{{name}}}}-product
                features: [{{{{name}}}}-product.category]
                pipeline:
                  - hash: {columns: categorical, bits: 10}
                target: {name: bought, type: binary, window: 7d, default: 0}
                learner: {type: logistic_regression, seed: 1, bootstrap: {outcomes: 40, epochs: 5}}
                promotion: {metric: log_loss, minOutcomes: 5000}
                {{{{exploration}}}}
                postprocess:
                  - combine: {score: 1, {{{{name}}}}-product.margin: 0.5}
                  - top_k: {k: 2}
            """), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail);
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
        foreach (var (product, i) in s_products.Select((p, i) => (p, i)))
            Assert.True((await loop.Ingest.SetAttributesAsync(new EntityId(name + "-product", product), [new NamedValue("category", Scalar.Of(product)), new NamedValue("margin", Scalar.Of(i / 10.0))], null, default)).IsSuccess);
    }

    /// <summary>Balls are bought, drums now and then, kites never; until a version serves.</summary>
    private async Task BootstrapAsync(string name)
    {
        for (var i = 0; i < 40; i++)
        {
            var shown = await PredictAsync(name, null);
            foreach (var candidate in shown.Ranked)
            {
                var bought = candidate.Entity.Id == "ball" || (candidate.Entity.Id == "drum" && i % 3 == 0);
                await BuyAsync(name, i.ToString(System.Globalization.CultureInfo.InvariantCulture), candidate.Entity.Id, bought);
            }

            loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await loop.DrainAsync(name);
        var model = (await loop.Control.GetModelAsync(name, default)).Value;
        Assert.NotEmpty(model.Versions);
        await loop.Get<Serving.PlanCache>().CatchUpAsync(name, model.PlanRevision, default);
    }

    private async Task<PredictResponse> PredictAsync(string name, string? requestId)
    {
        var answer = await loop.Predictions.PredictAsync(Request(name, requestId), default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return answer.Value;
    }

    private static PredictRequest Request(string name, string? requestId) => new()
    {
        Model = name,
        Entity = new EntityId(name + "-customer", "c"),
        RequestId = requestId,
        Candidates = [.. s_products.Select(p => new PredictCandidate(new EntityId(name + "-product", p), []))],
    };
}
