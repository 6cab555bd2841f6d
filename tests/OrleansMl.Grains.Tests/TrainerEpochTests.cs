using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Storage.GrainState;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests;

/// <summary>Two activations of one trainer, as a split network can make them.</summary>
[Collection(LoopCollection.Name)]
public sealed class TrainerEpochTests(LoopFixture loop)
{
    [Fact]
    public async Task A_model_takes_nothing_of_an_epoch_below_one_that_it_has_seen()
    {
        var toy = await LearnedAsync();
        var grain = loop.Grains.GetGrain<IModelGrain>(toy.Name);
        var first = (await grain.GetVersionAsync(1)).Value.Manifest;
        Assert.True((await grain.RegisterAsync(Request("0.6", 5))).IsSuccess);

        var stale = await grain.RegisterAsync(Request("0.7", 4));
        Assert.Equal(("stale_epoch", 409, "5"), (stale.Error!.Code, stale.Error.Status, stale.Error.Current));
        var evidence = new PromotionEvidence("confidence_sequence", "log_loss", 300, 0.2, 0.1, 0.3, 0.05);
        var promoted = await grain.PromoteAsync(new PromotionRequest(2, 1, false, "x", "trainer", evidence) { Epoch = 4 });
        Assert.Equal("stale_epoch", promoted.Error!.Code);
        Assert.Equal((2, 1), ((await grain.GetAsync()).Value.Versions.Length, (await grain.GetAsync()).Value.Aliases["champion"]));
        Assert.True((await grain.PromoteAsync(new PromotionRequest(2, 1, false, "x", "trainer", evidence) { Epoch = 5 })).IsSuccess);

        RegisterRequest Request(string threshold, long epoch) => new(Another(first, threshold)) { Epoch = epoch };
    }

    [Fact]
    public async Task Of_two_trainers_over_one_state_only_the_one_that_stored_last_promotes()
    {
        var toy = await LearnedAsync();
        var grain = loop.Grains.GetGrain<IModelGrain>(toy.Name);
        var first = (await grain.GetVersionAsync(1)).Value.Manifest;

        // The other activation: it reads what is stored, claims the next epoch, and registers.
        var (storage, id) = (new EmbeddedGrainStorage(loop.Store, new JsonGrainStateSerializer()), GrainId.Create("oml.trainer", toy.Name));
        var other = new GrainState<TrainerState>(new TrainerState());
        await storage.ReadStateAsync("trainer", id, other);
        Assert.Equal(1, other.State!.Epoch);
        other.State.Epoch = 2;
        await storage.WriteStateAsync("trainer", id, other);
        Assert.True((await grain.RegisterAsync(new RegisterRequest(Another(first, "0.6")) { Epoch = 2 })).IsSuccess);

        // The first one snapshots: neither its epoch nor a later one can be had, since it does not know what the other has stored.
        await Assert.ThrowsAnyAsync<Exception>(() => loop.Control.CommandLearnerAsync(toy.Name, "snapshot", default));
        Assert.Equal(2, (await grain.GetAsync()).Value.Versions.Length);

        // The activation that comes after it begins with the other's state, under an epoch of its own.
        var after = await loop.Control.CommandLearnerAsync(toy.Name, "snapshot", default);
        Assert.True(after.IsSuccess, after.Error?.Detail);
        await storage.ReadStateAsync("trainer", id, other);
        Assert.Equal(3, other.State!.Epoch);
    }

    [Fact]
    public async Task Force_without_a_reason_is_refused()
    {
        var toy = await LearnedAsync();
        var refused = await loop.Control.PromoteAsync(toy.Name, new PromotionRequest(1, 1, true, " ", "test", null), default);
        Assert.Equal((400, "reason_missing"), (refused.Error!.Status, refused.Error.Code));
    }

    /// <summary>The same with another threshold: another version.</summary>
    private static VersionManifest Another(VersionManifest manifest, string threshold) =>
        manifest with { Version = 0, Digest = "", Postprocess = manifest.Postprocess!.Replace("0.5", threshold, StringComparison.Ordinal) };

    private async Task<Toy> LearnedAsync()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        await toy.TeachAsync(20, 1, z => z > 0);
        return toy;
    }
}
