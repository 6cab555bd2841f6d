using OrleansMl.Catalog;
using OrleansMl.Features;
using OrleansMl.Live;
using OrleansMl.Outcomes;
using OrleansMl.Predictions;
using OrleansMl.Serving;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests;

/// <summary>
/// The worked example, with the sample's own file: racket X is recommended to P and Q and not to R. P buys it, Q does not, and R
/// finds and buys it unasked. Nobody does anything else, and the live model has learned from all three.
/// </summary>
public sealed class ShopTests(LoopFixture loop) : IClassFixture<LoopFixture>
{
    private const string Model = "recommend";

    private static readonly string[] Products = ["ball", "net", "racket", "raquette", "drum", "flute", "novel", "atlas"];
    private int _next;

    private static string Category(string product) => product switch
    {
        "ball" or "net" or "racket" or "raquette" => "sport",
        "drum" or "flute" => "music",
        _ => "books",
    };

    [Fact]
    public async Task What_P_and_R_bought_and_Q_did_not_raises_a_product_and_its_like_for_R_and_lowers_both_for_Q()
    {
        await OpenAsync();
        await HistoryAsync();
        var rows = new[] { "R", "Q" }.SelectMany(customer => Products.Select(product => (customer, product))).ToArray();
        var before = await ScoresAsync(rows);

        var forP = await RecommendAsync("P", "racket", "drum", "novel");
        var forQ = await RecommendAsync("Q", "racket", "drum", "novel");
        Assert.All([forP, forQ], answer => Assert.Equal((1, before.Revision), (answer.Version, answer.Revision)));
        loop.Clock.Advance(TimeSpan.FromHours(1));
        await BuyAsync("P", "racket");
        await ViewAsync("R", "racket", 40);
        await BuyAsync("R", "racket");

        // P's other two and all three of Q: nothing came within seven days, so they were not bought.
        await LearnedAsync(before.Revision + 2);
        await CloseWindowsAsync();
        await LearnedAsync(before.Revision + 7);

        var after = await ScoresAsync(rows);
        Assert.Equal(before.Revision + 7, after.Revision);
        foreach (var product in new[] { "racket", "raquette" })
        {
            Assert.True(after[("R", product)] > before[("R", product)], $"R, {product}: {before[("R", product)]} before, {after[("R", product)]} after");
            Assert.True(after[("Q", product)] < before[("Q", product)], $"Q, {product}: {before[("Q", product)]} before, {after[("Q", product)]} after");
        }

        // What is answered is what the learner says after all of it: score and margin, combined.
        foreach (var customer in new[] { "R", "Q" })
        {
            var answer = await RecommendAsync(customer, "racket", "raquette", "drum");
            Assert.Equal((1, after.Revision), (answer.Version, answer.Revision));
            Assert.All(answer.Ranked, c => Assert.Equal((0.8 * after[(customer, c.Entity.Id)]) + (0.2 * Margin(c.Entity.Id)), c.Score, 12));
        }

        // Now and then exploration shows another first (epsilon of the sample); the scores tell what the learner would.
        var best = (await RecommendAsync("R", "racket", "drum", "novel", "flute", "atlas")).Ranked.MaxBy(c => c.Score)!;
        Assert.Equal("racket", best.Entity.Id);
    }

    private static double Margin(string product) => Array.IndexOf(Products, product) * 0.01;

    /// <summary>Applied as it is in the sample, with products, three customers of the story and forty of before.</summary>
    private async Task OpenAsync()
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "shop", "application.yaml"))), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail);
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
        foreach (var product in Products)
            await SetAsync(new EntityId("product", product), new("category", Scalar.Of(Category(product))), new("margin", Scalar.Of(Margin(product))));
        foreach (var customer in Enumerable.Range(0, 40).Select(i => $"c{i}"))
            await SetAsync(Customer(customer), new NamedValue("segment", Scalar.Of(Segment(customer))));
        foreach (var (customer, segment) in new[] { ("P", "active"), ("Q", "quiet"), ("R", "active") })
            await SetAsync(Customer(customer), new NamedValue("segment", Scalar.Of(segment)));
    }

    private static string Segment(string customer) => ((customer[^1] - '0') % 3) switch { 0 => "active", 1 => "quiet", _ => "other" };

    /// <summary>Each of the forty is shown five products and buys some: the active rather sport, the quiet rather books.</summary>
    private async Task HistoryAsync()
    {
        var random = new Random(3);
        foreach (var customer in Enumerable.Range(0, 40).Select(i => $"c{i}").Concat(["P", "Q", "R"]))
            await ViewAsync(customer, Products[random.Next(Products.Length)], 10 + random.Next(50));
        foreach (var customer in Enumerable.Range(0, 40).Select(i => $"c{i}"))
        {
            var shown = Products.OrderBy(_ => random.Next()).Take(5).ToArray();
            await RecommendAsync(customer, shown);
            loop.Clock.Advance(TimeSpan.FromMinutes(1));
            foreach (var product in shown.Where(product => random.NextDouble() < Liking(Segment(customer), Category(product))))
                await BuyAsync(customer, product);
        }

        await CloseWindowsAsync();
        await Eventually.IsAsync(async () =>
        {
            await loop.DrainAsync(Model);
            return (await loop.Control.GetLearnerAsync(Model, default)).Value is { State: "learning", ChampionVersion: 1 } ? null : "No bootstrap yet.";
        });
        var revision = (await loop.Control.GetLearnerAsync(Model, default)).Value.Revision;
        await LearnedAsync(revision);
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<PlanCache>(silo).CatchUpAsync(Model, (await loop.Control.GetModelAsync(Model, default)).Value.PlanRevision, default);
    }

    private static double Liking(string segment, string category) => (segment, category) switch
    {
        ("active", "sport") or ("quiet", "books") => 0.6,
        ("other", _) => 0.3,
        _ => 0.15,
    };

    /// <summary>What the learner would answer, asked without recommending anything to anybody.</summary>
    private async Task<Scores> ScoresAsync((string Customer, string Product)[] rows)
    {
        var model = loop.Get<CatalogCache>().Current.Models[Model];
        var vectors = new List<Scalar[]>();
        foreach (var (customer, product) in rows)
        {
            var entity = (await loop.Grains.FeatureCache(Customer(customer)).ReadAsync(new FeatureQuery(model.EntityNames, null) { At = loop.Clock.Now })).Value;
            var candidate = (await loop.Grains.FeatureCache(new EntityId("product", product)).ReadAsync(new FeatureQuery(model.CandidateNames, null) { At = loop.Clock.Now })).Value;
            vectors.Add([.. VectorBuilder.Build(model, [], [], entity, candidate, loop.Clock.Now).Columns.Select(c => c.Value)]);
        }

        Assert.True(loop.Get<PlanCache>().TryGet(Model, out var view));
        var answer = loop.Get<LiveLearners>().TryScore(model, view.Plan, vectors)!;
        return new Scores(answer.Revision, rows.Zip(answer.Values).ToDictionary());
    }

    /// <summary>Every silo's copy has come there.</summary>
    private async Task LearnedAsync(long revision)
    {
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
        {
            var copies = loop.Get<LiveLearners>(silo);
            await Eventually.IsAsync(() => Task.FromResult(copies.PositionOf(Model)?.Revision is var at && at == revision ? null : $"The copy stands at {at}, not at {revision}."));
        }
    }

    private async Task CloseWindowsAsync()
    {
        loop.Clock.Advance(TimeSpan.FromDays(7));
        await loop.Get<WindowSweeper>().SweepAsync();
        Assert.Empty(await loop.Store.Predictions.ListDueAsync(null, loop.Clock.Now, 1));
    }

    private async Task<PredictResponse> RecommendAsync(string customer, params string[] products)
    {
        var answer = await loop.Predictions.PredictAsync(new PredictRequest { Model = Model, Entity = Customer(customer), Candidates = [.. products.Select(p => new PredictCandidate(new EntityId("product", p), []))] }, default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        Assert.Equal(products.Order(), answer.Value.Ranked.Select(c => c.Entity.Id).Order());
        return answer.Value;
    }

    private Task BuyAsync(string customer, string product) => AppendAsync(customer, "purchased", new("product", Scalar.Of(product)), new("price", Scalar.Of(20)));

    private Task ViewAsync(string customer, string product, double seconds) => AppendAsync(customer, "viewed", new("product", Scalar.Of(product)), new("seconds", Scalar.Of(seconds)));

    private async Task AppendAsync(string customer, string type, params NamedValue[] fields)
    {
        loop.Clock.Advance(TimeSpan.FromSeconds(1));
        var appended = await loop.Ingest.AppendEventsAsync([new IngestEvent($"e{_next++}", Customer(customer), type, null, [.. fields])], default);
        Assert.Equal(AppendStatus.Accepted, appended.Items[0].Status);
    }

    private async Task SetAsync(EntityId entity, params NamedValue[] attributes) =>
        Assert.True((await loop.Ingest.SetAttributesAsync(entity, [.. attributes], null, default)).IsSuccess);

    private static EntityId Customer(string id) => new("customer", id);

    private sealed record Scores(long Revision, Dictionary<(string Customer, string Product), double> Values)
    {
        public double this[(string Customer, string Product) row] => Values[row];
    }
}
