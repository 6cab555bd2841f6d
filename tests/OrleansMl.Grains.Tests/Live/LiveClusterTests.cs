using Orleans.Storage;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>Live models on a cluster of their own, whose first silo loads no versions where there are others; stopped and started.</summary>
[Collection(QuietCollection.Name)]
public sealed class LiveClusterTests : IAsyncLifetime
{
    private readonly LoopFixture _loop = new() { ServingOf = static (silo, options) => options.Serves = silo != 0 || EngineInfo.Silos == 1 };

    public Task InitializeAsync() => _loop.InitializeAsync();

    public Task DisposeAsync() => _loop.DisposeAsync();

    [Fact]
    public async Task After_a_restart_live_answers_go_on_where_they_were_and_a_silo_without_versions_gives_them_too()
    {
        var toy = new Toy(_loop);
        await toy.ApplyAsync(toy.LiveYaml());
        await toy.TeachAsync(55, 1, z => z > 0);
        await _loop.FollowedAsync(toy);
        var before = await _loop.AskAsync(toy, 0.4);
        Assert.Equal((1, 55L), (before.Version, before.Revision));
        if (EngineInfo.Silos > 1)
            Assert.Empty(_loop.Get<ReplicaHost>().Lives);

        await _loop.RestartAsync();
        await _loop.FollowedAsync(toy);
        var after = await _loop.AskAsync(toy, 0.4);
        Assert.Equal((1, 55L, before.Score), (after.Version, after.Revision, after.Score));
        Assert.Equal(before.Explanation!.Columns.AsEnumerable(), after.Explanation!.Columns);
        await toy.TeachAsync(5, 2, z => z > 0);
        await _loop.FollowedAsync(toy);
        Assert.Equal(60, (await _loop.AskAsync(toy, 0.4)).Revision);
    }

    [Fact]
    public async Task A_trainer_that_dies_with_what_it_had_not_stored_sends_no_copy_back()
    {
        var toy = new Toy(_loop);
        await toy.ApplyAsync(toy.LiveYaml());
        await toy.TeachAsync(50, 1, z => z > 0);
        await _loop.FollowedAsync(toy);

        // What comes now is learned and not stored: the log has it, and followers have it.
        Exception failure = new IOException("The disk is away.");
        _loop.BeforeStateWrite = grain => grain == $"oml.trainer/{toy.Name}" ? throw failure : Task.CompletedTask;
        await toy.TeachAsync(9, 2, z => z > 0);
        await _loop.FollowedAsync(toy);
        var before = await _loop.AskAsync(toy, 0.4);
        Assert.Equal(59, before.Revision);

        // The activation gives way, and the next one cannot read yet what the stored state lacks.
        _loop.StreamLog.Unreadable[toy.Name] = true;
        failure = new InconsistentStateException("Another activation has stored.");
        await Assert.ThrowsAnyAsync<Exception>(() => _loop.Control.CommandLearnerAsync(toy.Name, "pause", default));
        await Eventually.IsAsync(async () => (await _loop.Control.GetLearnerAsync(toy.Name, default)).Value.Revision is var at && at < 59 ? null : $"It stands at {at}.");
        var meanwhile = await _loop.AskAsync(toy, 0.4);
        Assert.Equal((59L, before.Score), (meanwhile.Revision, meanwhile.Score));

        _loop.BeforeStateWrite = null;
        _loop.StreamLog.Unreadable.Clear();
        await toy.TeachAsync(3, 3, z => z > 0);
        await _loop.FollowedAsync(toy);
        Assert.Equal(62, (await _loop.AskAsync(toy, 0.4)).Revision);
    }
}
