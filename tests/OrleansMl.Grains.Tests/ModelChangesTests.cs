using System.Collections.Immutable;
using OrleansMl.Models;

namespace OrleansMl.Grains.Tests;

/// <summary>What a model stores, changed without a grain.</summary>
public sealed class ModelChangesTests
{
    [Fact]
    public void A_copy_stays_as_it_was_whatever_becomes_of_the_state()
    {
        var state = Learned(3);
        var before = state.Copy();
        state.MoveAlias(ServingPlan.Champion, 2);
        state.Add(Version(4, learned: true));
        state.Promotions.Add(new Promotion(1, null, 2, default, "ops", "forced", "why", null));
        Assert.Equal([1, 2, 3], before.Versions.Select(v => v.Manifest.Version));
        Assert.False(before.Find(2)!.Wanted);
        Assert.Empty(before.Aliases);
        Assert.Empty(before.Promotions);
        Assert.Equal(3, before.LastVersion);
        Assert.Equal(4, state.LastVersion);
    }

    [Fact]
    public void Versions_of_a_learner_that_nothing_names_stay_loaded_while_they_are_among_the_newest_eight()
    {
        var state = Learned(12);
        state.Add(Version(13, learned: false));
        foreach (var version in Enumerable.Range(1, 13))
            state.SetWanted(version, true);
        state.MoveAlias("bootstrap", 1);
        state.Traffic = new Traffic([], [2], false);
        state.TrimWanted(keep: 3);

        // 1 has a name, 2 shadows, 3 was asked for, 13 was registered by people; of the others 5 to 12 are the newest.
        Assert.Equal([1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13], state.Versions.Where(v => v.Wanted).Select(v => v.Manifest.Version));
    }

    [Fact]
    public void A_champion_that_moves_ends_the_split_and_the_rollout_and_its_own_shadow()
    {
        var state = Learned(4);
        state.Traffic = new Traffic([new TrafficShare(1, 90), new TrafficShare(2, 10)], [2, 3], true);
        state.MoveAlias("other", 4);
        Assert.Equal(2, state.Traffic.Split.Length);
        state.MoveAlias(ServingPlan.Champion, 2);
        Assert.Empty(state.Traffic!.Split);
        Assert.Equal(3, Assert.Single(state.Traffic.Shadow));
        Assert.Null(state.Rollout);
    }

    [Fact]
    public void Without_a_champion_the_newest_version_answers_unless_it_is_loaded_only_to_shadow()
    {
        var state = Learned(3);
        foreach (var version in (int[])[1, 2, 3])
            state.SetWanted(version, true);
        Assert.Equal(3, state.ToPlan("m").Default);
        state.Traffic = new Traffic([], [3], false);
        Assert.Equal(2, state.ToPlan("m").Default);
        state.MoveAlias(ServingPlan.Champion, 1);
        Assert.Equal(1, state.ToPlan("m").Default);
    }

    private static ModelState Learned(int versions)
    {
        var state = new ModelState();
        foreach (var version in Enumerable.Range(1, versions))
            state.Add(Version(version, learned: true));
        return state;
    }

    private static StoredVersion Version(int number, bool learned) => new(
        new VersionManifest
        {
            Model = "m",
            Version = number,
            ArtifactSha256 = "",
            Inputs = [],
            Outputs = [],
            Tags = learned ? ImmutableSortedDictionary<string, string>.Empty.Add(ModelGrain.LearnerTag, "head") : ImmutableSortedDictionary<string, string>.Empty,
        },
        default,
        Wanted: false);
}
