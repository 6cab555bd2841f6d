using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

public sealed class ReplicaChoiceTests
{
    [Fact]
    public void Of_two_replicas_the_one_with_less_to_do_is_taken()
    {
        Prop.ForAll(Gen.Choose(0, 9).Two().ToArbitrary(), loads =>
        {
            var place = ReplicaChoice.Pick([loads.Item1, loads.Item2], local: 1, new Random(1));
            return place == (loads.Item1 < loads.Item2 ? 0 : 1);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_busiest_of_many_is_never_taken_and_every_other_one_is_at_times()
    {
        int[] loads = [3, 1, 9, 2];
        var random = new Random(1);
        var taken = Enumerable.Range(0, 1_000).Select(_ => ReplicaChoice.Pick(loads, -1, random)).CountBy(p => p).ToDictionary();
        Assert.Equal([0, 1, 3], taken.Keys.Order());
        // Of six pairs three have replica 1 in them, two more replica 3, and one is 0 against 2.
        Assert.InRange(taken[1], 430, 570);
        Assert.InRange(taken[0], 120, 220);
    }

    [Fact]
    public void Requests_spread_by_two_choices_stay_close_to_even()
    {
        var loads = new int[10];
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
            loads[ReplicaChoice.Pick(loads, -1, random)]++;
        // By chance alone the fullest would be some 70 above the mean (Mitzenmacher, 2001).
        Assert.InRange(loads.Max() - 1_000, 0, 8);
    }

    [Fact]
    public void When_a_silo_leaves_only_its_keys_move()
    {
        var silos = Gen.Choose(2, 8).Select(n => Enumerable.Range(0, n).Select(i => $"10.0.0.{i}:11111@{i * 7}").ToList());
        Prop.ForAll(silos.ToArbitrary(), Gen.Choose(0, 7).ToArbitrary(), (all, gone) =>
        {
            gone %= all.Count;
            var rest = all.Where((_, i) => i != gone).ToList();
            return Enumerable.Range(0, 200).All(k =>
            {
                var before = all[ReplicaChoice.PickByKey(all, $"s{k}")];
                return before == all[gone] || before == rest[ReplicaChoice.PickByKey(rest, $"s{k}")];
            });
        }).QuickCheckThrowOnFailure();
    }
}
