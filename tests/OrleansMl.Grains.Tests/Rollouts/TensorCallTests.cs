using System.Runtime.InteropServices;
using OrleansMl.Inference;
using OrleansMl.Rollouts;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests.Rollouts;

/// <summary>Calls of <c>/v2</c> during a rollout: the guardrails look at them as at those of <c>/api/v1</c>.</summary>
[Collection(LoopCollection.Name)]
public sealed class TensorCallTests(LoopFixture loop)
{
    [Fact]
    public async Task Calls_that_name_no_version_count_and_those_that_do_not()
    {
        const int Calls = 20;
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        await scene.BeginAsync();
        await loop.Get<PlanCache>().CatchUpAsync(scene.Toy.Name, (await scene.ModelAsync()).PlanRevision, default);
        for (var call = 0; call < Calls; call++)
        {
            Assert.Equal(1, (await InferAsync(scene, null)).Version);
            Assert.Equal(1, (await InferAsync(scene, "1")).Version);
        }

        Assert.True(loop.Get<PlanCache>().TryGet(scene.Toy.Name, out var view));
        var mark = view.Plan.Rollout!;
        var reader = loop.Get<AnswerReader>();

        // The shadow answers behind the calls.
        await Eventually.IsAsync(async () => (await reader.ReadAsync(scene.Toy.Name, mark)).Candidate.Answered is var n && n == Calls ? null : $"{n} of {Calls} answers of the shadow are counted.");
        var champion = (await reader.ReadAsync(scene.Toy.Name, mark)).Champion;
        Assert.Equal((Calls, 0L), (champion.Answered, champion.Failed));
        Assert.True(champion.P99 > 0);
    }

    [Fact]
    public async Task A_version_that_is_too_slow_for_them_goes_back()
    {
        // A microsecond is too short for any answer; nothing calls /api/v1.
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f, "minOutcomes: 40, guardrails: {latency: {p99: 0.001ms}, minAnswers: 10}, rollout: {canary: [0.5], step: {outcomes: 1000}}");
        await scene.BeginAsync();
        await loop.Get<PlanCache>().CatchUpAsync(scene.Toy.Name, (await scene.ModelAsync()).PlanRevision, default);
        for (var look = 0; look < 40 && (await scene.ReadAsync()).IsUnderWay; look++)
        {
            for (var call = 0; call < 10; call++)
                await InferAsync(scene, null);
            loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var back = await scene.ReadAsync();
        Assert.Equal(RolloutState.RolledBack, back.State);
        Assert.Contains("latency.p99", back.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_fails_on_them_goes_back_and_a_request_that_does_not_fit_says_nothing_of_it()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f, "minOutcomes: 40, guardrails: {errors: 0.05, minAnswers: 20}, rollout: {canary: [0.5], step: {outcomes: 1000}}");
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(scene.Toy.Name, Models.Failing("z")), default)).IsSuccess);
        var begun = await loop.Control.StartRolloutAsync(scene.Toy.Name, new RolloutRequest(3, "to see", "test"), default);
        Assert.True(begun.IsSuccess, begun.Error?.Detail);
        await loop.Get<PlanCache>().CatchUpAsync(scene.Toy.Name, (await scene.ModelAsync()).PlanRevision, default);
        for (var call = 0; call < 40; call++)
            Assert.Equal("invalid", (await loop.Inference.InferAsync(new InferRequest(scene.Toy.Name, null, [Floats("z", 1, 2)], []), default)).Error!.Code);
        Assert.True((await scene.ReadAsync()).IsUnderWay);
        for (var look = 0; look < 40 && (await scene.ReadAsync()).IsUnderWay; look++)
        {
            for (var call = 0; call < 10; call++)
                await loop.Inference.InferAsync(new InferRequest(scene.Toy.Name, null, [Floats("z", 1)], []), default);
            loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var back = await scene.ReadAsync();
        Assert.Equal(RolloutState.RolledBack, back.State);
        Assert.Contains("errors", back.Why, StringComparison.Ordinal);
    }

    private async Task<InferResult> InferAsync(RolloutScene scene, string? version)
    {
        var answer = await loop.Inference.InferAsync(new InferRequest(scene.Toy.Name, version, [Floats("z", 0.4f)], []), default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return answer.Value;
    }

    /// <summary>[1, as many as there are].</summary>
    private static Tensor Floats(string name, params float[] values) => new(name, TensorType.Fp32, new long[] { 1, values.Length }, MemoryMarshal.AsBytes<float>(values).ToArray());
}
