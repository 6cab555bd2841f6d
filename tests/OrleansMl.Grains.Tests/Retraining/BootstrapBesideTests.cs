namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>A learner that has bootstrapped while a version that a retraining made serves.</summary>
[Collection(LoopCollection.Name)]
public sealed class BootstrapBesideTests(LoopFixture loop)
{
    private const string Learner = """
            learner:
              type: logistic_regression
              params: {learningRate: 0.5, adaptive: true, normalized: true}
              serve: SERVE
              bootstrap: {outcomes: 40, epochs: 3}

        """;

    private IModelGrain Model(RetrainToy toy) => loop.Grains.GetGrain<IModelGrain>(toy.Name);

    [Theory]
    [InlineData("promoted")]
    [InlineData("live")]
    public async Task It_is_compared_with_the_champion_and_takes_its_place_only_once_it_is_better(string serve)
    {
        var toy = await RetrainedAsync(serve, loop);
        await toy.LabelAsync(60, 71);
        await loop.DrainAsync(toy.Name);
        var learner = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal(("learning", 1, 2), (learner.State, learner.ChampionVersion, learner.CandidateVersion));
        Assert.Equal(1, await toy.ChampionAsync());
        Assert.Equal(2, (await toy.ModelAsync()).Aliases["bootstrap"]);
        Assert.Equal(20, learner.Evidence!.N);
        Assert.Equal([1], (await Model(toy).GetPromotionsAsync()).Select(promotion => promotion.To));

        // The world turns: the champion stays behind, and the comparison shows it.
        await toy.LabelAsync(200, 72, turned: true);
        await loop.DrainAsync(toy.Name);
        var promotions = await Model(toy).GetPromotionsAsync();
        Assert.Equal(("trainer", 1, "promoted"), (promotions[1].By, promotions[1].From, promotions[1].Decision));
        Assert.True(promotions[1].Evidence!.Lower > 0, $"{promotions[1].Evidence}");
        Assert.Equal(promotions[^1].To, await toy.ChampionAsync());
    }

    [Fact]
    public async Task After_a_restart_it_is_beside_the_champion_still()
    {
        var own = new LoopFixture();
        await own.InitializeAsync();
        try
        {
            var toy = await RetrainedAsync("promoted", own);
            await toy.LabelAsync(50, 73);
            await own.DrainAsync(toy.Name);
            await own.RestartAsync();
            await toy.LabelAsync(15, 74);
            await own.DrainAsync(toy.Name);
            var learner = (await own.Control.GetLearnerAsync(toy.Name, default)).Value;
            Assert.Equal((1, 2, 25L), (learner.ChampionVersion, learner.CandidateVersion, learner.Evidence!.N));
            Assert.Equal([1, 2], (await toy.ModelAsync()).Versions.Select(version => version.Manifest.Version));
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_live_learner_without_a_promotion_to_compare_by_takes_over()
    {
        var toy = await RetrainedAsync("live", loop, "test: none");
        await toy.LabelAsync(60, 75);
        await loop.DrainAsync(toy.Name);
        Assert.Equal(2, await toy.ChampionAsync());
        Assert.Equal("forced", (await Model(toy).GetPromotionsAsync())[^1].Decision);
    }

    private static async Task<RetrainToy> RetrainedAsync(string serve, LoopFixture loop, string test = "test: confidence_sequence")
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync(blocks: Learner.Replace("SERVE", serve, StringComparison.Ordinal), test: test);
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(300, 70))));

        // Where the promotion is by hand, a retraining promotes nothing.
        if (await toy.ChampionAsync() is null)
            Assert.True((await loop.Control.PromoteAsync(toy.Name, new PromotionRequest(1, null, Force: false, "by hand", "test", null), default)).IsSuccess);
        Assert.Equal(1, await toy.ChampionAsync());
        return toy;
    }
}
