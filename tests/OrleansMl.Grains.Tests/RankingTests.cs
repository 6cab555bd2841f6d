using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class RankingTests(LoopFixture loop)
{
    private readonly string _name = "r" + Guid.NewGuid().ToString("n")[..12];

    private string Yaml => $$$$"""
        apiVersion: orleansml/v1
        kind: Application
        name: {{{{_name}}}}
        clock: wall
        entities:
          - {name: {{{{_name}}}}-customer, attributes: {segment: {type: string}}}
          - {name: {{{{_name}}}}-product, attributes: {category: {type: string}, margin: {type: float}}}
        events:
          - name: {{{{_name}}}}-viewed
            entity: {{{{_name}}}}-customer
            fields: {seconds: {type: float}}
        views:
          - name: {{{{_name}}}}-taste
            entity: {{{{_name}}}}-customer
            source: {event: {{{{_name}}}}-viewed}
            features: {views: {agg: count, default: 0}}
        models:
          - name: {{{{_name}}}}
            entity: {{{{_name}}}}-customer
            candidates: {{{{_name}}}}-product
            features: ["{{{{_name}}}}-taste:*", {{{{_name}}}}-customer.segment, {{{{_name}}}}-product.category]
            pipeline:
              - cross: {columns: [{{{{_name}}}}-customer.segment, {{{{_name}}}}-product.category]}
              - hash: {columns: categorical, bits: 18}
            target: {name: bought, type: binary, window: 7d, default: 0}
            learner: {type: logistic_regression, seed: 1, bootstrap: {outcomes: 40, epochs: 5}}
            promotion: {metric: log_loss, minOutcomes: 500}
            postprocess:
              - combine: {score: 1, {{{{_name}}}}-product.margin: 0.5}
              - top_k: {k: 2}
        """;

    [Fact]
    public async Task Candidates_are_ranked_by_what_their_customers_segment_buys()
    {
        await ApplyAsync();
        await CustomerAsync("p", "sport");
        await CustomerAsync("q", "music");
        await ProductAsync("ball", "toys", 0);
        await ProductAsync("drum", "sound", 0);
        await ProductAsync("dear", "other", 0.1);

        // Sport buys toys, music buys sound: the truth comes by entity, target and subject.
        for (var i = 0; i < 20; i++)
        {
            foreach (var (customer, wanted) in new[] { ("p", "ball"), ("q", "drum") })
            {
                var shown = await PredictAsync(customer);
                Assert.Equal(2, shown.Ranked.Length);
                Assert.Equal([1, 2], shown.Ranked.Select(r => r.Rank));
                Assert.True(shown.Ranked[0].Score >= shown.Ranked[1].Score);
                foreach (var candidate in shown.Ranked)
                {
                    var outcome = new IngestOutcome($"{customer}{i}{candidate.Entity.Id}", null, Customer(customer), "bought", candidate.Entity.Id, loop.Clock.Now, Scalar.Of(candidate.Entity.Id == wanted), null, 0);
                    Assert.Equal(OutcomeStatus.Joined, (await loop.Ingest.RecordOutcomesAsync([outcome], default))[0].Status);
                }

                loop.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            // What is shown decides what can be learned: the learner keeps up, as it does when the truth comes over days.
            await loop.DrainAsync(_name);
            await loop.Get<Serving.PlanCache>().CatchUpAsync(_name, (await loop.Control.GetModelAsync(_name, default)).Value.PlanRevision, default);
        }

        var model = (await loop.Control.GetModelAsync(_name, default)).Value;
        Assert.Single(model.Versions);
        await loop.Get<Serving.PlanCache>().CatchUpAsync(_name, model.PlanRevision, default);
        var forP = await PredictAsync("p");
        Assert.Equal((1, "ball"), (forP.Version, forP.Ranked[0].Entity.Id));
        Assert.Equal("drum", (await PredictAsync("q")).Ranked[0].Entity.Id);
    }

    [Fact]
    public async Task The_score_is_combined_with_a_field_that_is_no_column()
    {
        await ApplyAsync();
        await ProductAsync("cheap", "same", 0);
        await ProductAsync("dear", "same", 0.4);
        var answer = await PredictAsync("p", "cheap", "dear");
        Assert.Equal("prior", answer.Fallback);
        Assert.Equal(["dear", "cheap"], answer.Ranked.Select(r => r.Entity.Id));
        Assert.Equal([0.7, 0.5], answer.Ranked.Select(r => Math.Round(r.Score, 9)));
    }

    [Fact]
    public async Task Wrong_candidates_are_told_by_pointer()
    {
        await ApplyAsync();
        Assert.Equal("missing_candidates", (await TryPredictAsync("p")).Error!.Code);
        Assert.Equal("repeated_candidate", (await TryPredictAsync("p", "a", "a")).Error!.Code);
        var wrong = await loop.Predictions.PredictAsync(new PredictRequest { Model = _name, Entity = Customer("p"), Candidates = [new PredictCandidate(Customer("x"), [])] }, default);
        Assert.Equal(("wrong_entity_type", "/candidates/0/entity"), (wrong.Error!.Code, wrong.Error.Faults[0].Pointer));
    }

    private EntityId Customer(string id) => new(_name + "-customer", id);

    private EntityId Product(string id) => new(_name + "-product", id);

    private async Task ApplyAsync()
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest(Yaml), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail);
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
    }

    private async Task CustomerAsync(string id, string segment) =>
        Assert.True((await loop.Ingest.SetAttributesAsync(Customer(id), [new NamedValue("segment", Scalar.Of(segment))], null, default)).IsSuccess);

    private async Task ProductAsync(string id, string category, double margin) =>
        Assert.True((await loop.Ingest.SetAttributesAsync(Product(id), [new NamedValue("category", Scalar.Of(category)), new NamedValue("margin", Scalar.Of(margin))], null, default)).IsSuccess);

    private async Task<PredictResponse> PredictAsync(string customer, params string[] products)
    {
        var answer = await TryPredictAsync(customer, products.Length > 0 ? products : ["ball", "drum", "dear"]);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return answer.Value;
    }

    private Task<OmlResult<PredictResponse>> TryPredictAsync(string customer, params string[] products) =>
        loop.Predictions.PredictAsync(new PredictRequest
        {
            Model = _name,
            Entity = Customer(customer),
            Candidates = [.. products.Select(p => new PredictCandidate(Product(p), []))],
        }, default);
}
