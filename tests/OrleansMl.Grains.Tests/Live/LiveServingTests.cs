namespace OrleansMl.Grains.Tests;

/// <summary>Models whose answers come from the learner itself.</summary>
[Collection(LoopCollection.Name)]
public sealed class LiveServingTests(LoopFixture loop)
{
    [Fact]
    public async Task Answers_come_from_the_learner_and_carry_its_revision_on_every_silo()
    {
        var toy = await StartAsync();
        Assert.Equal("prior", (await loop.AskAsync(toy, 1)).Fallback);
        await toy.TeachAsync(40, 1, z => z > 0);
        await loop.FollowedAsync(toy);
        var first = await loop.AskAsync(toy, 0.3);
        Assert.Equal((1, 40L), (first.Version, first.Revision));

        await toy.TeachAsync(7, 2, z => z > 0);
        await loop.FollowedAsync(toy);
        var answers = await Task.WhenAll(Enumerable.Range(0, loop.Cluster.Silos.Count).Select(silo => loop.AskAsync(toy, 0.3, silo)));
        foreach (var answer in answers)
        {
            Assert.Equal((1, 47L, null), (answer.Version, answer.Revision, answer.Fallback));
            Assert.NotEqual(first.Score, answer.Score);
            Assert.Equal(answers[0].Score, answer.Score);
            Assert.Equal(answer.Score, answer.Explanation!.Score);
            Assert.Equal(answers[0].Explanation!.Columns.AsEnumerable(), answer.Explanation.Columns);
            Assert.NotEqual(0, answer.Explanation.Columns.Single(c => c.Name == "z").Contribution);
            Assert.Equal(47, (await loop.Store.Predictions.FindAsync(answer.PredictionId))!.LearnerRevision);
        }

        // By number it is the version as it was cut.
        var frozen = await loop.AskAsync(toy, 0.3, version: 1);
        Assert.Null(frozen.Revision);
        Assert.Equal(first.Score!.Value, frozen.Score!.Value, 5);
    }

    [Fact]
    public async Task Another_champion_by_hand_ends_live_answers_until_the_learners_own_is_champion_again()
    {
        var toy = await StartAsync();
        await toy.TeachAsync(60, 1, z => z > 0);
        Assert.Equal(2, (await loop.Control.CommandLearnerAsync(toy.Name, "snapshot", default)).Value.CandidateVersion);
        await loop.FollowedAsync(toy);
        Assert.Equal((1, 60L), Said(await loop.AskAsync(toy, 1)));

        Assert.True((await loop.Control.PromoteAsync(toy.Name, new PromotionRequest(2, 1, true, "by hand", "test", null), default)).IsSuccess);
        Assert.Equal((2, null), Said(await loop.AskAsync(toy, 1)));
        await toy.TeachAsync(5, 2, z => z > 0);
        await loop.FollowedAsync(toy);
        Assert.Equal((2, null), Said(await loop.AskAsync(toy, 1)));

        Assert.Equal(1, (await loop.Control.RollbackAsync(toy.Name, "test", null, default)).Value.To);
        Assert.Equal((1, 65L), Said(await loop.AskAsync(toy, 1)));
    }

    [Fact]
    public async Task Every_so_many_updates_the_learner_becomes_a_version_unless_people_decided_otherwise()
    {
        var toy = await StartAsync(snapshotEvery: 25);
        await toy.TeachAsync(95, 1, z => z > 0);
        var learner = await loop.FollowedAsync(toy);
        Assert.Equal((95L, 3), (learner.Revision, learner.ChampionVersion));
        Assert.Equal((3, 95L), Said(await loop.AskAsync(toy, 1)));
        var promotions = (await loop.Control.GetPromotionsAsync(toy.Name, default)).Value;
        Assert.Equal(["bootstrap", "snapshot", "snapshot"], promotions.Select(p => p.Decision));
        Assert.Equal((25L, "log_loss"), (promotions[1].Evidence!.N, promotions[1].Evidence!.Metric));

        // It is put back by hand: further snapshots are versions, and nobody is overruled.
        Assert.Equal(2, (await loop.Control.RollbackAsync(toy.Name, "test", null, default)).Value.To);
        Assert.Equal((2, null), Said(await loop.AskAsync(toy, 1)));
        await toy.TeachAsync(25, 2, z => z > 0);
        learner = await loop.FollowedAsync(toy);
        Assert.Equal((120L, 4), (learner.Revision, learner.CandidateVersion));
        Assert.Equal((2, null), Said(await loop.AskAsync(toy, 1)));

        // The learner's own version again: live again, and counted on.
        Assert.True((await loop.Control.SetAliasAsync(toy.Name, new AliasChange("champion", 3, 2, null, "test"), default)).IsSuccess);
        Assert.Equal((3, 120L), Said(await loop.AskAsync(toy, 1)));
        await toy.TeachAsync(25, 3, z => z > 0);
        await loop.FollowedAsync(toy);
        Assert.Equal((5, 145L), Said(await loop.AskAsync(toy, 1)));
        Assert.Equal("snapshot", (await loop.Control.GetPromotionsAsync(toy.Name, default)).Value[^1].Decision);
    }

    [Fact]
    public async Task A_snapshot_that_could_not_be_stored_is_made_good_and_no_example_counts_twice()
    {
        var toy = await StartAsync(snapshotEvery: 20);
        await toy.TeachAsync(50, 1, z => z > 0);
        loop.BeforeStateWrite = grain => grain == $"oml.model/{toy.Name}" ? throw new IOException("The disk is away.") : Task.CompletedTask;
        try
        {
            await Assert.ThrowsAnyAsync<Exception>(() => toy.TeachAsync(12, 2, z => z > 0));
        }
        finally
        {
            loop.BeforeStateWrite = null;
        }

        var learner = await loop.FollowedAsync(toy);
        Assert.Equal((62L, 62L, 2), (learner.Examples, learner.Revision, learner.ChampionVersion));
        Assert.Equal((2, 62L), Said(await loop.AskAsync(toy, 1)));
        Assert.Equal(["bootstrap", "snapshot"], (await loop.Control.GetPromotionsAsync(toy.Name, default)).Value.Select(p => p.Decision));
    }

    [Fact]
    public async Task A_paused_learner_answers_as_it_stands_and_one_that_was_reset_leaves_it_to_the_champion()
    {
        var toy = await StartAsync();
        await toy.TeachAsync(45, 1, z => z > 0);
        await loop.FollowedAsync(toy);
        await loop.Control.CommandLearnerAsync(toy.Name, "pause", default);
        await toy.TeachAsync(5, 2, z => z > 0);
        Assert.Equal((1, 45L), Said(await loop.AskAsync(toy, 1)));
        await loop.Control.CommandLearnerAsync(toy.Name, "resume", default);
        await loop.FollowedAsync(toy);
        Assert.Equal((1, 50L), Said(await loop.AskAsync(toy, 1)));

        await loop.Control.CommandLearnerAsync(toy.Name, "reset", default);
        await Eventually.IsAsync(async () => Said(await loop.AskAsync(toy, 1)) is var said && said == (1, null) ? null : $"{said}");
        await toy.TeachAsync(41, 3, z => z > 0);
        await loop.FollowedAsync(toy);
        Assert.Equal((2, 41L), Said(await loop.AskAsync(toy, 1)));
    }

    [Fact]
    public async Task While_versions_share_the_traffic_the_split_answers()
    {
        var toy = await StartAsync(snapshotEvery: 20);
        await toy.TeachAsync(65, 1, z => z > 0);
        await loop.FollowedAsync(toy);
        var plan = (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision;
        var split = await loop.Control.SetTrafficAsync(toy.Name, new TrafficChange(plan, new Traffic([new TrafficShare(1, 1)], [], false), "test"), default);
        Assert.True(split.IsSuccess, split.Error?.Detail);
        Assert.Equal((1, null), Said(await loop.AskAsync(toy, 1)));

        // A count of updates does not end what people have set up.
        await toy.TeachAsync(20, 2, z => z > 0);
        var learner = await loop.FollowedAsync(toy);
        Assert.Equal((2, 3), (learner.ChampionVersion, learner.CandidateVersion));
        Assert.Equal((1, null), Said(await loop.AskAsync(toy, 1)));
    }

    [Fact]
    public async Task A_learner_that_becomes_worse_is_put_back_and_says_why_and_answers_on()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.LiveYaml(type: "sgd", parameters: "{learningRate: 0.1}"));
        await toy.TeachAsync(80, 1, z => z > 0);
        await toy.ApplyAsync(toy.LiveYaml(type: "sgd", parameters: "{learningRate: 100}"));
        var random = new Random(9);
        for (var i = 0; i < 8 && (await loop.FollowedAsync(toy)).Reason is null; i++)
            await toy.TeachAsync(50, 10 + i, z => z > 0 ^ random.Next(4) == 0);

        var learner = await loop.FollowedAsync(toy);
        Assert.Equal("learning", learner.State);
        Assert.Contains("put back to version 1", learner.Reason, StringComparison.Ordinal);
        Assert.True(learner.Revision > learner.Examples);
        Assert.Equal((1, learner.Revision), Said(await loop.AskAsync(toy, 1)));
    }

    [Fact]
    public async Task A_model_that_turns_live_answers_by_what_its_learner_has_learned_and_back()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40, minOutcomes: 100_000));
        await toy.TeachAsync(50, 1, z => z > 0);
        await loop.Get<Serving.PlanCache>().CatchUpAsync(toy.Name, (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision, default);
        Assert.Equal((1, null), Said(await loop.AskAsync(toy, 1)));
        await toy.ApplyAsync(toy.LiveYaml(parameters: "{learningRate: 0.5, adaptive: true, normalized: true}"));
        await loop.FollowedAsync(toy);
        Assert.Equal((1, 50L), Said(await loop.AskAsync(toy, 1)));
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40, minOutcomes: 100_000));
        Assert.Equal((1, null), Said(await loop.AskAsync(toy, 1)));
    }

    private async Task<Toy> StartAsync(int snapshotEvery = 0)
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.LiveYaml(snapshotEvery));
        return toy;
    }

    private static (int? Version, long? Revision) Said(PredictResponse answer) => (answer.Version, answer.Revision);
}
