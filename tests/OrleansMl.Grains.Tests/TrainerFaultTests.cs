namespace OrleansMl.Grains.Tests;

/// <summary>Examples between log and trainer, when something fails on the way.</summary>
[Collection(LoopCollection.Name)]
public sealed class TrainerFaultTests(LoopFixture loop)
{
    [Fact]
    public async Task What_could_not_be_stored_stays_in_the_log()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        await toy.TeachAsync(20, 1, z => z > 0);
        FailWrites($"oml.trainer/{toy.Name}");
        try
        {
            await toy.TeachAsync(5, 2, z => z > 0);
            await Assert.ThrowsAnyAsync<Exception>(() => loop.Control.CommandLearnerAsync(toy.Name, "pause", default));
            Assert.Equal("learning", (await LearnerAsync(toy)).State);
            await toy.TeachAsync(1, 3, z => z > 0);
            Assert.Equal(26, (await LearnerAsync(toy)).Examples);
            Assert.Equal(6, (await loop.Store.Streams.GetStreamAsync(OmlStreams.Examples, toy.Name)).Held);
            Assert.Equal(6, (await loop.Store.Streams.ReadStreamAsync(OmlStreams.Examples, toy.Name, 20, 100)).Count);
        }
        finally
        {
            loop.BeforeStateWrite = null;
        }
    }

    [Fact]
    public async Task A_promotion_that_fails_comes_again_and_no_example_counts_twice()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        await toy.TeachAsync(19, 1, z => z > 0);
        FailWrites($"oml.model/{toy.Name}");
        try
        {
            var answer = await toy.PredictAsync(z: 1);
            await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"));
            for (var i = 0; i < 3; i++)
                await Assert.ThrowsAnyAsync<Exception>(toy.DrainAsync);
            Assert.Equal(("learning", 20L, null), Figures(await LearnerAsync(toy)));
        }
        finally
        {
            loop.BeforeStateWrite = null;
        }

        await toy.DrainAsync();
        Assert.Equal(("learning", 20L, 1), Figures(await LearnerAsync(toy)));
        Assert.Equal("bootstrap", Assert.Single((await loop.Control.GetPromotionsAsync(toy.Name, default)).Value).Decision);
    }

    [Fact]
    public async Task A_label_that_is_corrected_during_the_bootstrap_is_one_row_of_it()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 10));
        var first = await toy.PredictAsync(z: 1);
        await toy.OutcomeAsync(first.PredictionId, Scalar.Of("no"));
        await toy.OutcomeAsync(first.PredictionId, Scalar.Of("yes"), "fix");
        await toy.TeachAsync(8, 1, z => z > 0);
        Assert.Equal("bootstrapping", (await LearnerAsync(toy)).State);
        await toy.TeachAsync(1, 2, z => z > 0);
        Assert.Equal("learning", (await LearnerAsync(toy)).State);
    }

    [Fact]
    public async Task A_label_that_only_confirms_the_one_before_is_not_learned_again()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        await toy.TeachAsync(25, 1, z => z > 0);
        var answer = await toy.PredictAsync(z: 1);
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "by-sensor");
        Assert.Equal(OutcomeStatus.Corrected, (await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"), "by-analyst")).Status);
        await toy.DrainAsync();
        Assert.Equal(26, (await LearnerAsync(toy)).Examples);
    }

    [Fact]
    public async Task A_rule_that_changes_during_the_bootstrap_loses_none_of_its_rows()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40));
        await toy.TeachAsync(25, 1, z => z > 0);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40, minOutcomes: 70));
        await LearnerAsync(toy);
        await toy.DrainAsync();
        Assert.Equal(("bootstrapping", 25L, null), Figures(await LearnerAsync(toy)));
    }

    private void FailWrites(string grainId) =>
        loop.BeforeStateWrite = grain => grain == grainId ? throw new IOException("The disk is away.") : Task.CompletedTask;

    private async Task<LearnerStatus> LearnerAsync(Toy toy) => (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;

    private static (string State, long Examples, int? Champion) Figures(LearnerStatus status) => (status.State, status.Examples, status.ChampionVersion);
}
