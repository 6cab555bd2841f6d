namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class CatalogTests(LoopFixture loop)
{
    [Fact]
    public async Task Applying_twice_changes_nothing_the_second_time()
    {
        var toy = new Toy(loop);
        var first = await toy.ApplyAsync();
        Assert.True(first.Created);
        Assert.Equal(1, first.Revision);
        Assert.Contains(first.Changes, c => c is { Action: "create", Kind: "model" } && c.Name == toy.Name);

        var second = await toy.ApplyAsync();
        Assert.False(second.Created);
        Assert.Equal(1, second.Revision);
        Assert.All(second.Changes, c => Assert.Equal("none", c.Action));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_changes_nothing()
    {
        var toy = new Toy(loop);
        var dry = await loop.Control.ApplyAsync(new ApplyRequest(toy.Yaml()) { DryRun = true }, default);
        Assert.Contains(dry.Value.Changes, c => c.Action == "create");
        Assert.DoesNotContain(loop.Control.GetApplications().Applications, a => a.Name == toy.Name);
    }

    [Fact]
    public async Task A_change_that_would_orphan_the_learner_is_refused_until_a_reset_is_allowed()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var changed = toy.Yaml().Replace("z: {type: float, range: [-10, 10]}", "z: {type: float, range: [-10, 10]}, w: {type: float}", StringComparison.Ordinal);
        var refused = await loop.Control.ApplyAsync(new ApplyRequest(changed), default);
        Assert.Equal((409, "incompatible_change"), (refused.Error!.Status, refused.Error.Code));
        Assert.Equal(1, loop.Control.GetApplications().Applications.Single(a => a.Name == toy.Name).Lineages[toy.Name]);

        var allowed = await loop.Control.ApplyAsync(new ApplyRequest(changed) { AllowReset = true }, default);
        Assert.True(allowed.IsSuccess);
        Assert.Equal(2, loop.Control.GetApplications().Applications.Single(a => a.Name == toy.Name).Lineages[toy.Name]);
    }

    [Fact]
    public async Task Faults_come_with_line_and_column()
    {
        var toy = new Toy(loop);
        var result = await loop.Control.ApplyAsync(new ApplyRequest(toy.Yaml().Replace("clock: wall", "clok: wall", StringComparison.Ordinal)), default);
        Assert.Equal((400, "invalid_application"), (result.Error!.Status, result.Error.Code));
        Assert.Contains(result.Error.Faults, f => f.Line == 4 && f.Column == 1 && f.Detail.Contains("clok", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_belongs_to_one_application()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var thief = toy.Yaml().Replace($"name: {toy.Name}\nclock", $"name: {toy.Name}-thief\nclock", StringComparison.Ordinal);
        var result = await loop.Control.ApplyAsync(new ApplyRequest(thief), default);
        Assert.Equal((409, "name_taken", toy.Name), (result.Error!.Status, result.Error.Code, result.Error.Current));
    }

    [Fact]
    public async Task A_deleted_application_is_gone_and_its_log_is_not()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        await toy.AppendAsync(toy.Tick(3, loop.Clock.Now));
        Assert.True((await loop.Control.DeleteApplicationAsync(toy.Name, default)).IsSuccess);
        var read = await loop.Ingest.ReadFeaturesAsync(toy.Entity(), new FeatureQuery([], null), default);
        Assert.Equal("unknown_entity_type", read.Error!.Code);
        await toy.ApplyAsync();
        Assert.Equal(3, (await toy.ReadAsync("1", null, $"{toy.View}:x"))[0].Value.AsNumber());
    }

    [Fact]
    public async Task A_model_of_a_deleted_application_begins_a_new_lineage_when_it_is_declared_again()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20));
        await toy.TeachAsync(25, 1, z => z > 0);
        Assert.True((await loop.Control.DeleteApplicationAsync(toy.Name, default)).IsSuccess);

        // Other columns under the old name: what was learned does not fit them.
        await toy.ApplyAsync(toy.Yaml(bootstrap: 20).Replace("inputs: {z:", "inputs: {w: {type: float}, z:", StringComparison.Ordinal));
        Assert.Equal(2, loop.Control.GetApplications().Applications.Single(a => a.Name == toy.Name).Lineages[toy.Name]);
        Assert.Equal("prior", (await toy.PredictAsync(z: 1)).Fallback);
        var learner = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal(("bootstrapping", 0L, 2), (learner.State, learner.Examples, learner.Lineage));
    }

    [Fact]
    public async Task A_change_is_not_seen_before_it_is_stored()
    {
        var (toy, other) = (new Toy(loop), new Toy(loop));
        var catalog = loop.Grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key);
        var before = await catalog.GetAsync();
        var (reached, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        loop.BeforeStateWrite = async grain =>
        {
            if (!grain.StartsWith("oml.catalog/", StringComparison.Ordinal))
                return;
            reached.TrySetResult();
            await released.Task;
            throw new IOException("The disk is away.");
        };
        try
        {
            var applying = catalog.ApplyAsync(new ApplyRequest(toy.Yaml()));
            await reached.Task;
            var seen = await catalog.GetAsync();
            Assert.Equal(before.Revision, seen.Revision);
            Assert.DoesNotContain(seen.Applications, a => a.Name == toy.Name);
            released.SetResult();
            await Assert.ThrowsAnyAsync<Exception>(() => applying);
        }
        finally
        {
            loop.BeforeStateWrite = null;
            released.TrySetResult();
        }

        // The revision that failed is given to the next change, and every silo takes that one.
        await other.ApplyAsync();
        Assert.Contains(loop.Control.GetApplications().Applications, a => a.Name == other.Name);
        Assert.DoesNotContain(loop.Control.GetApplications().Applications, a => a.Name == toy.Name);
    }
}
