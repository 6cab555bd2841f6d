using OrleansMl.Serving;
using static OrleansMl.Serving.LifeState;
using static OrleansMl.Serving.VersionDemand;
using static OrleansMl.Serving.VersionRank;

namespace OrleansMl.Grains.Tests;

public sealed class VersionPolicyTests
{
    private static readonly AvailabilityPreservingPolicy s_availability = new();
    private static readonly ResourcePreservingPolicy s_resource = new();

    [Fact]
    public void Preserving_availability_loads_the_new_swaps_and_then_unloads_the_old()
    {
        Assert.Equal("load m:2", Next(s_availability, false, Old(Available), New(null)));
        Assert.Equal("wait", Next(s_availability, false, Old(Available), New(Queued)));
        Assert.Equal("wait", Next(s_availability, false, Old(Available), New(Loading)));
        Assert.Equal("wait", Next(s_availability, false, Old(Available), New(Warming)));
        Assert.Equal("swap", Next(s_availability, false, Old(Available), New(Available)));
        Assert.Equal("unload m:1", Next(s_availability, true, Old(Available), New(Available)));
        Assert.Equal("done", Next(s_availability, true, Old(Draining), New(Available)));
        Assert.Equal("done", Next(s_availability, true, New(Available)));
    }

    [Fact]
    public void Preserving_resources_unloads_the_old_before_it_loads_the_new()
    {
        Assert.Equal("swap", Next(s_resource, false, Old(Available), New(null)));
        Assert.Equal("unload m:1", Next(s_resource, true, Old(Available), New(null)));
        Assert.Equal("wait", Next(s_resource, true, Old(Draining), New(null)));
        Assert.Equal("load m:2", Next(s_resource, true, New(null)));
        Assert.Equal("wait", Next(s_resource, true, New(Loading)));
        Assert.Equal("done", Next(s_resource, true, New(Available)));
    }

    [Fact]
    public void A_version_that_failed_does_not_hold_up_the_others()
    {
        Assert.Equal("swap", Next(s_availability, false, Old(Available), New(Failed)));
        Assert.Equal("unload m:1", Next(s_availability, true, Old(Failed), New(Failed)));
        Assert.Equal("done", Next(s_resource, true, New(Failed)));
    }

    [Fact]
    public void A_version_that_was_evicted_waits_for_a_request()
    {
        Assert.Equal("swap", Next(s_availability, false, New(Unloaded)));
        Assert.Equal("done", Next(s_resource, true, New(Unloaded)));
    }

    [Fact]
    public void What_serves_is_loaded_before_what_is_kept_at_hand()
    {
        Assert.Equal("load m:3", Next(s_availability, false, New(null), New(null, 3, Reached), New(null, 4)));
        Assert.Equal("load m:4", Next(s_availability, false, New(null), New(null, 3, Reached), New(null, 4, Pinned)));
    }

    [Theory]
    [InlineData(300, "load m:2")]
    [InlineData(299, "unload b:1")]
    [InlineData(100, "unload b:1")]
    [InlineData(99, "leave m:2")]
    public void A_serving_version_makes_room_by_the_least_recently_used_of_lower_rank(long budget, string expected)
    {
        var kept = new[] { Kept("a", used: 7), Kept("b", used: 3) };
        Assert.Equal(expected, Next(s_availability, false, budget, [New(null, 2, Reached), .. kept]));
        Assert.Equal(expected, Next(s_resource, true, budget, [New(null, 2, Reached), .. kept]));
    }

    [Fact]
    public void A_plan_does_not_evict_what_ranks_as_high_as_what_it_loads()
    {
        Assert.Equal("leave m:2", Next(s_availability, false, 150, [New(null), Kept("a")]));
        Assert.Equal("leave m:2", Next(s_availability, false, 150, [New(null, 2, Reached), Kept("a", Reached)]));
        Assert.Equal("leave m:2", Next(s_availability, false, 150, [New(null, 2, Reached), Kept("a", Pinned)]));
    }

    [Fact]
    public void Nothing_is_evicted_in_vain()
    {
        // The pinned one leaves no room, whatever else goes.
        Assert.Equal("leave m:2", Next(s_availability, false, 150, [New(null, 2, Reached), Kept("a", Pinned), Kept("b")]));
    }

    [Fact]
    public void A_request_evicts_the_champions_after_all_others_and_never_a_pinned_one()
    {
        var wanted = New(null);
        Assert.Equal("b", MemoryRoom.For(wanted, [Kept("a", Reached, used: 1), Kept("b", used: 9)], 250, Pinned).Victim?.Model);
        Assert.Equal("a", MemoryRoom.For(wanted, [Kept("a", Reached, used: 1), Kept("b", Pinned)], 250, Pinned).Victim?.Model);
        var none = MemoryRoom.For(wanted, [Kept("a", Pinned), Kept("b", Pinned)], 250, Pinned);
        Assert.Equal((false, null), (none.Fits, none.Victim));
        Assert.Contains("Serving:MemoryBudgetBytes", none.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Loads_under_way_and_drains_count_and_cannot_be_evicted()
    {
        Assert.Null(MemoryRoom.For(New(null), [Kept("a") with { State = Loading }, Kept("b") with { State = Draining }], 250, Pinned).Victim);
        Assert.True(MemoryRoom.For(New(null), [Kept("a") with { State = Unloaded }, Kept("b") with { State = Failed }], 100, Pinned).Fits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_plan_is_carried_out_in_a_bounded_number_of_actions(bool isResource)
    {
        IVersionPolicy policy = isResource ? s_resource : s_availability;
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            var versions = Enumerable.Range(1, random.Next(1, 9)).Select(v => new VersionFacts(
                new ModelVersionId(random.Next(3) == 0 ? "other" : "m", v),
                random.Next(3) == 0 ? Available : null, Wanted, (VersionRank)random.Next(3), random.Next(1, 200), random.Next(9)))
                .Select(f => f.Id.Model == "other" ? f with { Demand = VersionDemand.Kept, State = Available } : f.State is not null && random.Next(2) == 0 ? f with { Demand = Unwanted } : f).ToDictionary(f => f.Id);
            long budget = random.Next(50, 900);
            var before = versions.Values.Where(v => v.TakesMemory).Sum(v => v.Bytes);
            var (isSwapped, steps) = (false, 0);
            for (var isDone = false; !isDone; steps++)
            {
                Assert.True(steps < 40, "It goes round in circles.");
                switch (policy.Next(new VersionSnapshot([.. versions.Values], isSwapped, budget)))
                {
                    case VersionAction.Load load:
                        versions[load.Id] = versions[load.Id] with { State = Available };
                        break;
                    case VersionAction.LeaveCold cold:
                        versions[cold.Id] = versions[cold.Id] with { State = Unloaded };
                        break;
                    case VersionAction.Unload unload when versions[unload.Id].Demand == Unwanted:
                        versions.Remove(unload.Id);
                        break;
                    case VersionAction.Unload unload:
                        Assert.NotEqual(Pinned, versions[unload.Id].Rank);
                        versions[unload.Id] = versions[unload.Id] with { State = Unloaded };
                        break;
                    case VersionAction.Swap:
                        isSwapped = true;
                        break;
                    default:
                        isDone = true;
                        break;
                }
            }

            Assert.True(isSwapped);
            Assert.DoesNotContain(versions.Values, v => v.Demand == Unwanted);
            Assert.True(versions.Values.Where(v => v.TakesMemory).Sum(v => v.Bytes) <= Math.Max(budget, before));
        }
    }

    private static VersionFacts Old(LifeState? state) => new(new ModelVersionId("m", 1), state, Unwanted, Ordinary, 100);

    private static VersionFacts New(LifeState? state, int version = 2, VersionRank rank = Ordinary) => new(new ModelVersionId("m", version), state, Wanted, rank, 100);

    private static VersionFacts Kept(string model, VersionRank rank = Ordinary, long used = 0) => new(new ModelVersionId(model, 1), Available, VersionDemand.Kept, rank, 100, used);

    private static string Next(IVersionPolicy policy, bool isSwapped, params VersionFacts[] versions) => Next(policy, isSwapped, null, versions);

    private static string Next(IVersionPolicy policy, bool isSwapped, long? budget, VersionFacts[] versions) => policy.Next(new VersionSnapshot([.. versions], isSwapped, budget)) switch
    {
        VersionAction.Load load => $"load {load.Id.Model}:{load.Id.Version}",
        VersionAction.Unload unload => $"unload {unload.Id.Model}:{unload.Id.Version}",
        VersionAction.LeaveCold cold => $"leave {cold.Id.Model}:{cold.Id.Version}",
        var other => other.GetType().Name.ToLowerInvariant(),
    };
}
