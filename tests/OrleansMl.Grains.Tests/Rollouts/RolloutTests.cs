using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests.Rollouts;

[Collection(LoopCollection.Name)]
public sealed class RolloutTests(LoopFixture loop)
{
    [Fact]
    public async Task A_better_version_goes_from_shadow_over_a_share_to_all_calls()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        var begun = await scene.BeginAsync();
        Assert.Equal(("shadow", 0.0), (begun.Steps[^1].Stage, begun.Steps[^1].Weight));
        Assert.Equal([2], (await scene.ModelAsync()).Traffic!.Shadow.AsEnumerable());
        await scene.ServeAsync(20);
        Assert.Equal([1], scene.Answered);

        var canary = await scene.UntilAsync(r => r.Steps.Length == 2);
        Assert.Equal([new TrafficShare(1, 0.5), new TrafficShare(2, 0.5)], (await scene.ModelAsync()).Traffic!.Split.AsEnumerable());
        var waiting = await scene.UntilAsync(r => r.Why.Contains("the step lasts", StringComparison.Ordinal));
        Assert.Equal((RolloutState.Running, 2), (waiting.State, waiting.Steps.Length));
        Assert.Equal([1, 2], scene.Answered.Order());
        loop.Clock.Advance(TimeSpan.FromMinutes(10));
        var promoted = await scene.UntilAsync(r => !r.IsUnderWay);
        Assert.Equal((RolloutState.Promoted, "full"), (promoted.State, promoted.Steps[^1].Action));
        Assert.NotNull(canary.Steps[0].Evidence);

        var model = await scene.ModelAsync();
        Assert.Equal((2, null, null), (model.Aliases["champion"], model.Traffic, model.Rollout));
        var entry = (await scene.PromotionsAsync())[^1];
        Assert.Equal((1, 2, "promoted", 1, "to see", "test"), (entry.From, entry.To, entry.Decision, entry.Rollout, entry.Reason, entry.By));
        Assert.True(entry.Evidence!.Lower > 0);
        Assert.Equal(["errors", "served.loss"], entry.Evidence.Guardrails.Select(g => g.Name));
        Assert.DoesNotContain(entry.Evidence.Guardrails, g => g.Verdict == "violated");
        Assert.True(entry.Evidence.Guardrails[1].N >= 30);
    }

    [Fact]
    public async Task Answers_of_every_silo_count()
    {
        const int Rows = 20;
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        await scene.BeginAsync();
        var revision = (await scene.ModelAsync()).PlanRevision;
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<PlanCache>(silo).CatchUpAsync(scene.Toy.Name, revision, default);
        for (var row = 0; row < Rows; row++)
            await scene.Toy.PredictAsync(0.4, silo: row % loop.Cluster.Silos.Count);

        // Shadows answer behind the calls, and silos hear of one another by and by.
        await Eventually.IsAsync(async () => (await scene.ReadAsync()).Steps[^1].Evidence!.Guardrails[0].N is var n && n == Rows ? null : $"{n} of {Rows} answers are counted.");
    }

    [Fact]
    public async Task A_version_that_is_worse_goes_back_and_leaves_no_split()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: -0.25f, "minOutcomes: 40, rollout: {canary: [0.5], step: {outcomes: 1000}}");
        await scene.BeginAsync();
        var back = await scene.UntilAsync(r => !r.IsUnderWay);
        Assert.Equal((RolloutState.RolledBack, "rollback"), (back.State, back.Steps[^1].Action));
        Assert.Contains("loss", back.Why, StringComparison.Ordinal);
        await AssertBackAsync(scene);
        Assert.DoesNotContain(await scene.PromotionsAsync(), p => p.To == 2);
    }

    [Fact]
    public async Task A_version_that_is_worse_in_one_slice_is_held_in_the_shadow_and_the_slice_is_named()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f, RolloutScene.Rules.Replace("shadow: {outcomes: 40}", "shadow: {outcomes: 300}", StringComparison.Ordinal) + ", slices: [{column: z, bins: [0.46]}]");
        scene.Truth = (z, random) => z < 0.46 ? random.NextDouble() < 0.95 : random.NextDouble() < 0.02;
        await scene.BeginAsync();
        var held = await scene.UntilAsync(r => r.Why.Contains("z>=0.46", StringComparison.Ordinal));
        Assert.Equal((RolloutState.Running, "shadow"), (held.State, held.Steps[^1].Stage));
        var evidence = held.Steps[^1].Evidence!;
        Assert.Equal([("z<0.46", "better"), ("z>=0.46", "worse")], evidence.Slices.Select(s => (s.Slice, s.Verdict)));
        await scene.ServeAsync(20);
        Assert.Equal([1], scene.Answered);
        Assert.True((await loop.Control.CommandRolloutAsync(scene.Toy.Name, held.Id, "abort", "test", default)).IsSuccess);
        await AssertBackAsync(scene);
    }

    [Fact]
    public async Task A_version_that_is_too_slow_goes_back_by_itself()
    {
        // A microsecond is too short for any answer.
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f, "minOutcomes: 40, guardrails: {latency: {p99: 0.001ms}, minAnswers: 10}, rollout: {canary: [0.5], step: {outcomes: 1000}}");
        await scene.BeginAsync();
        var back = await scene.UntilAsync(r => !r.IsUnderWay);
        Assert.Equal(RolloutState.RolledBack, back.State);
        Assert.Contains("latency.p99", back.Why, StringComparison.Ordinal);
        await AssertBackAsync(scene);
    }

    [Fact]
    public async Task A_version_that_cannot_score_goes_back_and_no_call_goes_without_an_answer()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: float.NaN, "minOutcomes: 40, guardrails: {errors: 0.05, minAnswers: 20}, rollout: {canary: [0.9], step: {outcomes: 1000}}");
        await scene.BeginAsync();
        var back = await scene.UntilAsync(r => !r.IsUnderWay);
        Assert.Contains("errors", back.Why, StringComparison.Ordinal);
        Assert.Equal([1], scene.Answered);
        await AssertBackAsync(scene);
    }

    [Fact]
    public async Task Traffic_that_is_set_by_hand_ends_a_rollout_and_stands()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        await scene.BeginAsync();
        var model = await scene.ModelAsync();
        Assert.True((await loop.Control.SetTrafficAsync(scene.Toy.Name, new TrafficChange(model.PlanRevision, new Traffic([new(1, 0.9), new(2, 0.1)], [], false), "test"), default)).IsSuccess);
        var ended = await scene.ReadAsync();
        Assert.Equal((RolloutState.Superseded, "superseded"), (ended.State, ended.Steps[^1].Action));
        Assert.Contains("by hand", ended.Why, StringComparison.Ordinal);
        Assert.Equal(0.1, (await scene.ModelAsync()).Traffic!.Split[1].Weight);
        Assert.Equal("traffic_split", (await loop.Control.StartRolloutAsync(scene.Toy.Name, new RolloutRequest(2, "x", "test"), default)).Error!.Code);
    }

    [Fact]
    public async Task A_champion_that_is_moved_by_hand_ends_a_rollout_and_its_shadow()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(scene.Toy.Name, Models.Add(0.1f, "z")), default)).IsSuccess);
        await scene.BeginAsync();
        Assert.True((await loop.Control.PromoteAsync(scene.Toy.Name, new PromotionRequest(3, 1, true, "known to be good", "test", null), default)).IsSuccess);
        Assert.Equal(RolloutState.Superseded, (await scene.ReadAsync()).State);
        Assert.Null((await scene.ModelAsync()).Traffic);
    }

    [Fact]
    public async Task One_rollback_during_a_rollout_gives_the_champion_all_calls_again()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        await scene.BeginAsync();
        await scene.UntilAsync(r => r.Steps.Length == 2);
        var entry = (await loop.Control.RollbackAsync(scene.Toy.Name, "ops", "complaints", default)).Value;
        Assert.Equal((2, 1, "rollback", 1), (entry.From, entry.To, entry.Decision, entry.Rollout));
        scene.Answered.Clear();
        await scene.ServeAsync(20);
        Assert.Equal([1], scene.Answered);
        var ended = await scene.ReadAsync();
        Assert.Equal((RolloutState.Aborted, "rolled back by ops: complaints"), (ended.State, ended.Why));
        await AssertBackAsync(scene);
    }

    [Fact]
    public async Task One_rollout_at_a_time_and_a_paused_one_stays_where_it_is()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        var begun = await scene.BeginAsync();
        Assert.Equal("rollout_running", (await loop.Control.StartRolloutAsync(scene.Toy.Name, new RolloutRequest(2, "x", "test"), default)).Error!.Code);
        Assert.Equal(RolloutState.Paused, (await CommandAsync("pause")).Value.State);
        await scene.ServeAsync(80);
        Assert.Equal((RolloutState.Paused, 1), ((await scene.ReadAsync()).State, (await scene.ReadAsync()).Steps.Length));
        Assert.Equal(RolloutState.Running, (await CommandAsync("resume")).Value.State);
        await scene.UntilAsync(r => r.Steps.Length == 2);
        Assert.Equal(RolloutState.Aborted, (await CommandAsync("abort")).Value.State);
        Assert.Equal("rollout_ended", (await CommandAsync("pause")).Error!.Code);
        await AssertBackAsync(scene);

        Task<OmlResult<Rollout>> CommandAsync(string command) => loop.Control.CommandRolloutAsync(scene.Toy.Name, begun.Id, command, "test", default);
    }

    [Fact]
    public async Task A_step_that_was_taken_and_not_written_down_is_taken_once()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        await scene.BeginAsync();
        loop.BeforeStateWrite = grain => grain == $"oml.rollout/{scene.Toy.Name}" ? throw new IOException("The disk is away.") : Task.CompletedTask;
        try
        {
            for (var look = 0; look < 40 && (await scene.ModelAsync()).Rollout!.Stage == 1; look++)
            {
                await scene.ServeAsync(10);
                await Record.ExceptionAsync(scene.Grain.ReviewAsync);
            }
        }
        finally
        {
            loop.BeforeStateWrite = null;
        }

        Assert.Equal(2, (await scene.ModelAsync()).Rollout!.Stage);
        var adopted = await scene.ReadAsync();
        Assert.Equal([("shadow", 0.0), ("canary", 0.5)], adopted.Steps.Select(s => (s.Stage, s.Weight)));
        Assert.Equal(2, (await scene.ModelAsync()).Rollout!.Stage);
        await loop.Control.CommandRolloutAsync(scene.Toy.Name, adopted.Id, "abort", "test", default);
    }

    [Fact]
    public async Task A_learners_candidate_is_rolled_out_and_becomes_champion_with_the_trainers_evidence()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 60, minOutcomes: 50).Replace("cooldown: 20 outcomes", "cooldown: 20 outcomes, rollout: {shadow: {outcomes: 30}, canary: [0.5], step: {outcomes: 20}}", StringComparison.Ordinal));
        await toy.TeachAsync(60, 1, z => z > 0);
        Rollout? rollout = null;
        for (var round = 0; round < 60 && rollout is not { IsUnderWay: false }; round++)
        {
            await toy.TeachAsync(20, round + 2, z => z < 0);
            rollout = (await loop.Control.GetRolloutsAsync(toy.Name, default)).Value.FirstOrDefault();
        }

        Assert.Equal((RolloutState.Promoted, "trainer"), (rollout!.State, rollout.By));
        var entry = (await loop.Control.GetPromotionsAsync(toy.Name, default)).Value.First(p => p.Rollout == rollout.Id);
        Assert.Equal((1, rollout.Candidate, "promoted"), (entry.From, entry.To, entry.Decision));
        Assert.True(entry.Evidence!.Lower > 0);
        Assert.Contains(entry.Evidence.Guardrails, g => g.Name == "served.loss");
        await toy.DrainAsync();
        Assert.Equal(rollout.Candidate, (await loop.Control.GetLearnerAsync(toy.Name, default)).Value.ChampionVersion);
    }

    private static async Task AssertBackAsync(RolloutScene scene)
    {
        var model = await scene.ModelAsync();
        Assert.Equal((1, null, null), (model.Aliases["champion"], model.Traffic, model.Rollout));
    }
}
