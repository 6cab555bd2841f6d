using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Catalog;
using OrleansMl.Storage.GrainState;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class ChampionComparisonTests(LoopFixture loop)
{
    [Theory]
    [InlineData(-0.6, true)]
    [InlineData(0.1, false)]
    public async Task A_slice_in_which_the_learner_is_worse_holds_its_promotion_and_is_named(double gainAbove, bool isHeld)
    {
        var (toy, model) = await SlicedAsync("confidence_sequence");
        var comparison = Compared(model, gainAbove);
        Assert.True(comparison.IsBetter);
        Assert.Equal(isHeld ? "z>=1" : null, comparison.WorseSlice);
        var evidence = comparison.Evidence()!;
        Assert.Equal([("z<1", "better"), ("z>=1", isHeld ? "worse" : "better")], evidence.Slices.Select(s => (s.Slice, s.Verdict)));

        // The trainer as stored, with this comparison in place of its own.
        var state = new GrainState<TrainerState>(new TrainerState());
        await new EmbeddedGrainStorage(loop.Store, new JsonGrainStateSerializer()).ReadStateAsync("trainer", GrainId.Create("oml.trainer", toy.Name), state);
        var stored = state.State!;
        (stored.Comparison, stored.Cooldown) = (comparison.Save(), 0);
        var trainer = new OnlineTrainer(model, stored);
        Assert.Equal(isHeld ? TrainerStep.None : TrainerStep.Promote, trainer.Next());
        Assert.Equal(isHeld, trainer.Held?.Contains("z>=1", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_test_that_bounds_its_losses_decides_by_those_bounds()
    {
        var (_, model) = await SlicedAsync("empirical_bernstein");
        var comparison = new ChampionComparison(model);

        // A probability of zero costs 36 as it is, and 4.61 where losses are bounded.
        comparison.Add(Example(0, 1), champion: 0, candidate: 1);
        Assert.Equal(Math.Log(99), comparison.Evidence()!.Estimate, 9);
        Assert.Equal("empirical_bernstein", comparison.Evidence()!.Test);
    }

    [Fact]
    public async Task Under_another_test_or_level_a_comparison_begins_anew_and_under_the_same_it_goes_on()
    {
        var (toy, model) = await SlicedAsync("confidence_sequence");
        var saved = Compared(model, 0.1).Save();
        Assert.Equal(400, new ChampionComparison(model, saved).Count);
        await toy.ApplyAsync(Yaml(toy, "empirical_bernstein"));
        Assert.Equal(0, new ChampionComparison(loop.Get<CatalogCache>().Current.Models[toy.Name], saved).Count);
    }

    /// <summary>Better by 0.3 below 1, and by a number above it, in a tenth of the rows.</summary>
    private static ChampionComparison Compared(CompiledModel model, double gainAbove)
    {
        var random = new Random(1);
        var comparison = new ChampionComparison(model);
        for (var i = 0; i < 400; i++)
        {
            var isAbove = i % 10 == 0;
            var noise = 0.02 * random.NextDouble();
            comparison.Add(Example(isAbove ? 1.5 : 0.5, 1), champion: Math.Exp(-1), candidate: Math.Exp(-1 + (isAbove ? gainAbove : 0.3) - noise));
        }

        return comparison;
    }

    private static LabeledExample Example(double z, double label) => new() { Sequence = 1, PredictionId = "p", Columns = ["z"], Values = [Scalar.Of(z)], Label = label };

    private async Task<(Toy Toy, CompiledModel Model)> SlicedAsync(string test)
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(Yaml(toy, test));
        await toy.TeachAsync(20, 1, z => z > 0);
        return (toy, loop.Get<CatalogCache>().Current.Models[toy.Name]);
    }

    private static string Yaml(Toy toy, string test) => toy.Yaml(bootstrap: 20)
        .Replace("test: confidence_sequence", $"test: {test}", StringComparison.Ordinal)
        .Replace("cooldown: 20 outcomes", "cooldown: 20 outcomes, slices: [{column: z, bins: [1]}]", StringComparison.Ordinal);
}
