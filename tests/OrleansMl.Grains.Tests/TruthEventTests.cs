using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Streams;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests;

/// <summary>Events that are the truth of a target, and truths about what nobody predicted.</summary>
[Collection(LoopCollection.Name)]
public sealed class TruthEventTests(LoopFixture loop)
{
    private readonly string _name = "b" + Guid.NewGuid().ToString("n")[..12];

    private string Yaml => $$$$"""
        apiVersion: orleansml/v1
        kind: Application
        name: {{{{_name}}}}
        clock: wall
        entities:
          - {name: {{{{_name}}}}-customer, attributes: {segment: {type: string}}}
          - {name: {{{{_name}}}}-product, attributes: {category: {type: string}}}
        events:
          - {name: {{{{_name}}}}-bought, entity: {{{{_name}}}}-customer, fields: {product: {type: ref, entity: {{{{_name}}}}-product}}}
        views:
          - name: {{{{_name}}}}-habit
            entity: {{{{_name}}}}-customer
            source: {event: {{{{_name}}}}-bought}
            features: {bought: {agg: count, default: 0}}
        models:
          - name: {{{{_name}}}}
            entity: {{{{_name}}}}-customer
            candidates: {{{{_name}}}}-product
            features: ["{{{{_name}}}}-habit:*", {{{{_name}}}}-customer.segment, {{{{_name}}}}-product.category]
            pipeline:
              - cross: {columns: [{{{{_name}}}}-customer.segment, {{{{_name}}}}-product.category]}
              - hash: {columns: categorical, bits: 18}
            target:
              {name: bought, type: binary, window: 7d, default: 0, organic: learn, from: {event: {{{{_name}}}}-bought, subject: product, value: 1}}
            learner: {type: logistic_regression, seed: 1, bootstrap: {outcomes: 1000}}
            promotion: {metric: log_loss, minOutcomes: 500}
        """;

    [Fact]
    public async Task A_purchase_labels_the_recommendation_it_follows_and_no_other()
    {
        await ApplyAsync();
        var shown = await PredictAsync("p", "ball", "drum");
        var bought = await BuyAsync("e1", "p", "drum");
        Assert.Equal(AppendStatus.Accepted, bought.Status);
        var labels = await LabelsAsync("p");
        Assert.Equal((PredictionState.Labelled, 1.0, $"event:{_name}-bought"), (labels["drum"].State, labels["drum"].Label!.Value, labels["drum"].OutcomeSource!));
        Assert.Equal(PredictionState.Predicted, labels["ball"].State);
        Assert.Equal(2, shown.Ranked.Length);

        Assert.Equal(AppendStatus.Duplicate, (await BuyAsync("e1", "p", "drum")).Status);
        Assert.Equal(0, (await LabelsAsync("p"))["drum"].OutcomeRevision);
        await loop.DrainAsync(_name);
        Assert.Equal(1, (await loop.Grains.GetGrain<ITrainerGrain>(_name).GetAsync()).Value.Examples);
    }

    [Fact]
    public async Task What_was_bought_unasked_is_learned_once_with_what_was_known_before_it()
    {
        await ApplyAsync();
        await BuyAsync("e1", "r", "ball");
        await BuyAsync("e2", "r", "drum");
        await BuyAsync("e2", "r", "drum");
        await loop.DrainAsync(_name);
        Assert.Equal(2, (await loop.Grains.GetGrain<ITrainerGrain>(_name).GetAsync()).Value.Examples);
        Assert.Null((await loop.Grains.GetGrain<ITrainerGrain>(_name).GetAsync()).Value.Prior);
        Assert.Empty(await LabelsAsync("r"));

        var examples = await loop.Store.Streams.ReadStreamAsync(OmlStreams.Examples, _name, 0, 10);
        var second = Predictions.ExampleCodec.Decode(2, StreamRecordCodec.Decode(examples[1].Record, 2).Data);
        Assert.True(second.Organic);
        Assert.Equal(1, second.Label);
        // The first purchase was known when the second came, and the second was not.
        Assert.Equal(1, second.Values[second.Columns.IndexOf($"{_name}-habit:bought")].AsNumber());
        Assert.Equal("sound", second.Values[second.Columns.IndexOf($"{_name}-product.category")].AsText());
    }

    [Fact]
    public async Task A_purchase_whose_truth_cannot_be_stored_now_is_rejected_and_its_repeat_makes_it_good()
    {
        await ApplyAsync();
        await PredictAsync("q", "ball");
        loop.PredictionLog.BeforeCommit = (outcomes, _) => outcomes.Any(o => o.EntityKey == Customer("q").ToGrainKey())
            ? throw new OrleansMl.Storage.Embedded.StoreException("The disk is full.", 13)
            : Task.CompletedTask;
        try
        {
            var refused = await BuyAsync("e1", "q", "ball");
            Assert.Equal((AppendStatus.Rejected, "no_capacity"), (refused.Status, refused.Fault!.Code));
        }
        finally
        {
            loop.PredictionLog.BeforeCommit = null;
        }

        Assert.Equal(AppendStatus.Duplicate, (await BuyAsync("e1", "q", "ball")).Status);
        Assert.Equal(1, (await LabelsAsync("q"))["ball"].Label);
    }

    private EntityId Customer(string id) => new(_name + "-customer", id);

    private EntityId Product(string id) => new(_name + "-product", id);

    private async Task ApplyAsync()
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest(Yaml), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail);
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
        foreach (var (product, category) in new[] { ("ball", "toys"), ("drum", "sound") })
            Assert.True((await loop.Ingest.SetAttributesAsync(Product(product), [new NamedValue("category", Scalar.Of(category))], null, default)).IsSuccess);
        loop.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task<AppendOutcome> BuyAsync(string id, string customer, string product)
    {
        loop.Clock.Advance(TimeSpan.FromSeconds(1));
        return (await loop.Ingest.AppendEventsAsync([new IngestEvent(id, Customer(customer), _name + "-bought", null, [new NamedValue("product", Scalar.Of(product))])], default)).Items[0];
    }

    private async Task<PredictResponse> PredictAsync(string customer, params string[] products)
    {
        var answer = await loop.Predictions.PredictAsync(new PredictRequest { Model = _name, Entity = Customer(customer), Candidates = [.. products.Select(p => new PredictCandidate(Product(p), []))] }, default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return answer.Value;
    }

    private async Task<Dictionary<string, PredictionRecord>> LabelsAsync(string customer) =>
        (await loop.Store.Predictions.ListAsync(new PredictionFilter { EntityKey = Customer(customer).ToGrainKey() })).ToDictionary(p => p.Subject);
}
