using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class LearningLoopTests(LoopFixture loop)
{
    [Fact]
    public async Task The_prior_answers_until_the_bootstrap_makes_version_1()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40));
        var answers = await toy.TeachAsync(39, 1, z => z > 0);
        Assert.All(answers, a => Assert.Equal((null, "prior"), (a.Version, a.Fallback)));
        Assert.Equal(0.5, answers[0].Score);
        Assert.Equal("bootstrapping", (await loop.Control.GetLearnerAsync(toy.Name, default)).Value.State);

        await toy.TeachAsync(1, 2, z => z > 0);
        var status = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal(("learning", 40L, 1), (status.State, status.Examples, status.ChampionVersion));
        await loop.Get<Serving.PlanCache>().CatchUpAsync(toy.Name, (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision, default);
        var served = await toy.PredictAsync(z: 1.5);
        Assert.Equal((1, null, "yes"), (served.Version, served.Fallback, served.Label));
        Assert.True(served.Score > 0.5);
        Assert.Equal("no", (await toy.PredictAsync(z: -1.5)).Label);
    }

    [Fact]
    public async Task When_the_world_turns_the_learner_follows_and_is_promoted_with_evidence()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 60, minOutcomes: 50));
        await toy.TeachAsync(60, 1, z => z > 0);
        await toy.TeachAsync(400, 2, z => z < 0);

        var promotions = (await loop.Control.GetPromotionsAsync(toy.Name, default)).Value;
        Assert.Equal("bootstrap", promotions[0].Decision);
        Assert.True(promotions.Length >= 2, $"{promotions.Length} promotions");
        Assert.All(promotions.Skip(1), p =>
        {
            Assert.Equal("promoted", p.Decision);
            Assert.True(p.Evidence!.Lower > 0);
            Assert.True(p.Evidence.N >= 50);
        });
        var last = await toy.PredictAsync(z: -1.5);
        Assert.True(last.Version > 1);
        Assert.Equal("yes", last.Label);

        // The old version is kept and still answers by number.
        Assert.Equal("no", (await toy.PredictAsync(z: -1.5, version: 1)).Label);
        var losses = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value.Losses;
        double Cumulative(string predictor) => losses.Single(l => l.Predictor == predictor && l.Metric == "log_loss").Cumulative;
        Assert.True(Cumulative("learner") < Cumulative("served"));
        Assert.True(Cumulative("served") < Cumulative("noChange"));
    }

    [Fact]
    public async Task A_stable_world_promotes_nothing()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 200, learningRate: "0.02"));
        await toy.TeachAsync(200, 1, z => z > 0);
        var random = new Random(7);
        await toy.TeachAsync(150, 2, _ => random.Next(2) == 0);
        var learner = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.True(learner.Evidence is not null);
        Assert.Equal(350, learner.Examples);
    }

    [Fact]
    public async Task A_corrected_label_is_learned_once_more_and_stands_in_no_figure()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        await toy.TeachAsync(30, 1, z => z > 0);
        var answer = await toy.PredictAsync(z: 1);
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("yes"));
        await toy.DrainAsync();
        var before = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("no"), "fix");
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("no"), "fix");
        await toy.DrainAsync();
        var after = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal(before.Examples + 1, after.Examples);
        Assert.Equal(before.Losses.First(l => l.Predictor == "learner").N, after.Losses.First(l => l.Predictor == "learner").N);
    }

    [Fact]
    public async Task A_paused_learner_learns_later_what_came_meanwhile()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        await toy.TeachAsync(25, 1, z => z > 0);
        Assert.Equal("paused", (await loop.Control.CommandLearnerAsync(toy.Name, "pause", default)).Value.State);
        await toy.TeachAsync(10, 2, z => z > 0);
        Assert.Equal(25, (await loop.Control.GetLearnerAsync(toy.Name, default)).Value.Examples);
        await loop.Control.CommandLearnerAsync(toy.Name, "resume", default);
        await toy.DrainAsync();
        Assert.Equal(35, (await loop.Control.GetLearnerAsync(toy.Name, default)).Value.Examples);
    }

    [Fact]
    public async Task A_snapshot_registers_the_learner_and_promotes_nothing()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        Assert.Equal("not_learned", (await loop.Control.CommandLearnerAsync(toy.Name, "snapshot", default)).Error!.Code);
        await toy.TeachAsync(30, 1, z => z > 0);
        var status = (await loop.Control.CommandLearnerAsync(toy.Name, "snapshot", default)).Value;
        Assert.Equal((1, 2), (status.ChampionVersion, status.CandidateVersion));
        var model = (await loop.Control.GetModelAsync(toy.Name, default)).Value;
        Assert.Equal(1, model.Aliases["champion"]);
        Assert.Equal(2, model.Versions.Length);
        var insufficient = await loop.Control.PromoteAsync(toy.Name, new PromotionRequest(2, 1, false, "because", "test", null), default);
        Assert.Equal((422, "insufficient_evidence"), (insufficient.Error!.Status, insufficient.Error.Code));
        var forced = await loop.Control.PromoteAsync(toy.Name, new PromotionRequest(2, 1, true, "because", "test", null), default);
        Assert.Equal("forced", forced.Value.Decision);
        Assert.Equal(2, (await toy.PredictAsync()).Version);
        Assert.Equal(1, (await loop.Control.RollbackAsync(toy.Name, "test", null, default)).Value.To);
        Assert.Equal(1, (await toy.PredictAsync()).Version);
    }

    [Fact]
    public async Task A_repeated_request_id_gets_the_same_answer()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var first = await toy.PredictAsync(z: 1, requestId: "r1");
        var second = await toy.PredictAsync(z: 2, requestId: "r1", silo: loop.Cluster.Silos.Count - 1);
        Assert.Equal(first.PredictionId, second.PredictionId);
        Assert.Equal(first.Score, second.Score);
        var listed = (await loop.Control.ListPredictionsAsync(new Services.PredictionListing { Model = toy.Name }, default)).Value;
        Assert.Single(listed);
    }

    [Fact]
    public async Task The_logged_vector_is_what_was_served()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        await toy.AppendAsync(toy.Tick(4, loop.Clock.Now));
        var answer = await toy.PredictAsync(z: 1.25);
        var logged = (await loop.Control.GetPredictionAsync(answer.PredictionId, default)).Value;
        Assert.Equal(answer.Features.ToArray(), logged.Vector.ToArray());
        Assert.Equal(["z", $"{toy.View}:x", $"{toy.View}:sum_1h", $"{toy.View}:n_1h"], logged.Vector.Select(f => f.Name));
        Assert.Equal([1.25, 4, 4, 1], logged.Vector.Select(f => f.Value.AsNumber()));
        Assert.Equal((1, PredictionState.Predicted), ((int)logged.Record.Sequence, logged.Record.State));
    }
}
