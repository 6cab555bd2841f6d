using System.Collections.Immutable;
using OrleansMl.Live;

namespace OrleansMl.Grains.Tests;

/// <summary>Which answers are live: a pure function of the plan and of what the trainer says.</summary>
public sealed class LiveViewTests
{
    [Theory]
    [InlineData(5, 3, null, 3, 3)] // the learner's own version is champion
    [InlineData(5, 2, null, 3, null)] // rolled back
    [InlineData(5, 4, null, 3, null)] // another one by hand
    [InlineData(5, null, null, 3, null)] // no champion at all
    [InlineData(4, 2, null, 3, 3)] // this silo has not heard of the promotion
    [InlineData(6, 4, 4, 3, 4)] // the trainer has announced it, and the plan is there first
    [InlineData(6, 3, 4, 3, 3)] // announced, and not there yet
    [InlineData(6, 2, 4, 3, null)]
    public void An_answer_is_live_under_the_learners_own_version_only(long planRevision, int? champion, int? coming, int own, int? expected)
    {
        var view = new LiveView(null!, new LiveBase(own, coming, 5));
        var plan = ServingPlan.Empty("m") with { Revision = planRevision, Default = champion };
        Assert.Equal(expected, view.VersionUnder(plan));
        Assert.Equal(expected, view.VersionUnder(plan with { Traffic = new Traffic([], [7], false) }));
        Assert.Null(view.VersionUnder(plan with { Traffic = new Traffic([new TrafficShare(own, 1)], [], false) }));
    }

    [Fact]
    public void What_a_trainer_does_not_know_of_the_plan_is_no_reason_to_answer_for_another_champion()
    {
        // After an activation the plan that made the base champion is not known.
        var view = new LiveView(null!, new LiveBase(3, null, 0));
        Assert.Null(view.VersionUnder(ServingPlan.Empty("m") with { Default = 2 }));
        Assert.Null(view.VersionUnder(ServingPlan.Empty("m")));
        Assert.Equal(3, view.VersionUnder(new ServingPlan("m", 1, 3, ImmutableSortedDictionary<string, int>.Empty, [])));
    }
}
