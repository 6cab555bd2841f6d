using OrleansMl.Services;

namespace OrleansMl.Grains.Tests.Rollouts;

/// <summary>
/// A model whose score is z + a number of the version: version 1 is champion with 0, version 2 the candidate. Most truths are
/// yes, for z from 0.3 to 0.5.
/// </summary>
public sealed class RolloutScene
{
    /// <summary>Looks that a test waits for something at most, ten rows each.</summary>
    private const int MaxLooks = 80;

    public const string Rules = "minOutcomes: 40, guardrails: {errors: 0.05, minAnswers: 10}, rollout: {shadow: {outcomes: 40}, canary: [0.5], step: {outcomes: 30, minTime: 10m}}";

    private readonly LoopFixture _loop;
    private readonly Random _random = new(1);

    private RolloutScene(LoopFixture loop) => (_loop, Toy) = (loop, new Toy(loop));

    public Toy Toy { get; }

    public IRolloutGrain Grain => _loop.Grains.GetGrain<IRolloutGrain>(Toy.Name);

    /// <summary>The truth of a row.</summary>
    public Func<double, Random, bool> Truth { get; set; } = (_, random) => random.NextDouble() < 0.85;

    /// <summary>Versions that have answered.</summary>
    public HashSet<int> Answered { get; } = [];

    public static async Task<RolloutScene> StartAsync(LoopFixture loop, float candidate, string rules = Rules)
    {
        var scene = new RolloutScene(loop);
        await scene.Toy.ApplyAsync(scene.Toy.YamlOfFile() + $"    promotion: {{metric: log_loss, {rules}}}\n");
        foreach (var add in (float[])[0, candidate])
            Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(scene.Toy.Name, Models.Add(add, "z")), default)).IsSuccess);
        Assert.True((await loop.Control.SetAliasAsync(scene.Toy.Name, new AliasChange("champion", 1, null, null, "test"), default)).IsSuccess);
        return scene;
    }

    public async Task<Rollout> BeginAsync()
    {
        var begun = await _loop.Control.StartRolloutAsync(Toy.Name, new RolloutRequest(2, "to see", "test"), default);
        Assert.True(begun.IsSuccess, begun.Error?.Detail);
        return begun.Value;
    }

    public async Task<Rollout> ReadAsync() => (await _loop.Control.GetRolloutsAsync(Toy.Name, default)).Value[^1];

    public async Task<ModelInfo> ModelAsync() => (await _loop.Control.GetModelAsync(Toy.Name, default)).Value;

    public async Task<IReadOnlyList<Promotion>> PromotionsAsync() => (await _loop.Control.GetPromotionsAsync(Toy.Name, default)).Value;

    /// <summary>Predictions with their outcomes; none of them fails.</summary>
    public async Task ServeAsync(int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            var z = 0.3 + (0.2 * _random.NextDouble());
            var answer = await Toy.PredictAsync(z);
            Answered.Add(answer.Version!.Value);
            Assert.Equal(OutcomeStatus.Joined, (await Toy.OutcomeAsync(answer.PredictionId, Scalar.Of(Truth(z, _random)))).Status);
            _loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Serves and looks until the rollout is as it shall be.</summary>
    public async Task<Rollout> UntilAsync(Func<Rollout, bool> reached)
    {
        for (var look = 0; look < MaxLooks; look++)
        {
            var rollout = await ReadAsync();
            if (reached(rollout))
                return rollout;
            await ServeAsync(10);
        }

        var last = await ReadAsync();
        Assert.True(reached(last), $"It stands at {last.State}: {last.Why}");
        return last;
    }
}
