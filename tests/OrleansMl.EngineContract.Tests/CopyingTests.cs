using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl.EngineContract.Tests;

public sealed class CopyingTests(EngineCluster engine) : EngineTest(engine)
{
    private ICopyingGrain New() => Grains.GetGrain<ICopyingGrain>(NewKey());

    [Fact]
    public async Task What_the_caller_changes_after_the_call_does_not_reach_the_grain()
    {
        var grain = New();
        var message = new MutableMessage { Number = 1, Items = ["a"], Children = { ["c"] = new MutableMessage { Number = 2 } } };
        await grain.Keep(message);
        message.Number = 9;
        message.Items.Add("b");
        message.Children["c"].Number = 9;
        var kept = await grain.Kept();
        Assert.Equal(1, kept.Number);
        Assert.Equal(["a"], kept.Items);
        Assert.Equal(2, kept.Children["c"].Number);
    }

    [Fact]
    public async Task What_the_caller_changes_in_a_result_does_not_reach_the_grain()
    {
        var grain = New();
        var result = await grain.Keep(new MutableMessage { Items = ["a"] });
        result.Items.Add("b");
        Assert.Equal(["a"], (await grain.Kept()).Items);
    }

    [Fact]
    public async Task What_the_caller_changes_right_after_sending_does_not_reach_the_grain()
    {
        var grain = New();
        var message = new MutableMessage { Items = ["a"] };
        var call = grain.Keep(message);
        message.Items.Add("b");
        Assert.Equal(["a"], (await call).Items);
    }

    [Fact]
    public async Task A_member_without_an_id_is_left_behind()
    {
        Assert.Null((await New().Echo(new MutableMessage { LeftBehind = "here" })).LeftBehind);
    }

    [Fact]
    public async Task A_derived_record_keeps_its_type_and_the_members_of_all_levels()
    {
        var time = DateTime.UtcNow;
        var result = Assert.IsType<DerivedMessage>(await New().EchoBase(new DerivedMessage("name", [1, 2]) { When = time }));
        Assert.Equal("name", result.Name);
        Assert.Equal([1, 2], result.Numbers);
        Assert.Equal(time, result.When);
    }

    [Fact]
    public async Task Collections_and_values_of_every_kind_come_through_equal()
    {
        var bytes = new byte[] { 1, 2, 3 };
        var sent = new Collections(
            [new MutableMessage { Number = 4 }],
            ImmutableDictionary<string, int>.Empty.Add("a", 1),
            ImmutableSortedDictionary<string, int>.Empty.Add("b", 2).Add("a", 1),
            (5, "five"),
            DayOfWeek.Friday,
            TimeSpan.FromSeconds(3),
            Guid.NewGuid(),
            bytes,
            [1, 2],
            [[1], [2, 3]],
            new List<string> { "x" },
            "boxed",
            DateTimeOffset.UtcNow,
            1.25m,
            new PrivateValue<List<int>>([7], "note"),
            default);
        var got = await New().EchoCollections(sent);
        Assert.Equal(4, Assert.Single(got.Array).Number);
        Assert.NotSame(sent.Array[0], got.Array[0]);
        Assert.Equal(sent.Dictionary, got.Dictionary);
        Assert.Equal(sent.Sorted, got.Sorted);
        Assert.Equal((sent.Tuple, sent.Day, sent.Span, sent.Id, sent.Offset, sent.Money), (got.Tuple, got.Day, got.Span, got.Id, got.Offset, got.Money));
        Assert.Equal(bytes, got.Bytes.ToArray());
        Assert.Equal(sent.Set, got.Set);
        Assert.Equal(sent.Jagged, got.Jagged);
        Assert.Equal(sent.Interface, got.Interface);
        Assert.Equal("boxed", got.Boxed);
        Assert.Equal("note", got.Generic.Note);
        Assert.Equal([7], got.Generic.Value);
        Assert.NotSame(sent.Generic.Value, got.Generic.Value);
        Assert.True(got.Default.IsDefaultOrEmpty);
    }

    [Fact]
    public async Task Private_fields_with_ids_travel()
    {
        var value = new PrivateValue<string>("value", "note");
        Assert.Equal(value, await New().EchoPrivate(value));
    }

    [Fact]
    public async Task A_cycle_stays_a_cycle_and_a_shared_object_stays_shared()
    {
        var one = new Node();
        one.Next = new Node { Next = one };
        var got = await New().EchoNode(one);
        Assert.Same(got, got.Next!.Next);
        Assert.NotSame(one, got);
    }

    [Fact]
    public async Task A_converter_carries_a_type_of_somebody_else()
    {
        Assert.Equal(Foreign.Create(1, "y"), await New().EchoForeign(Foreign.Create(1, "y")));
    }

    [Fact]
    public async Task Immutable_values_come_through_equal()
    {
        var sent = new[] { 1, 2 };
        var got = await New().EchoWrapped(sent.AsImmutable());
        Assert.Equal(sent, got.Value);
    }

    [Fact]
    public async Task Within_a_silo_an_immutable_message_is_passed_as_it_is()
    {
        // Both grains must be on one silo: the same grain, called through an interleaving chain, would deadlock; so ask until two meet.
        for (var attempt = 0; attempt < 50; attempt++)
        {
            if (await New().IsPassedAsItIs(New(), new ImmutableMessage([1])))
                return;
        }

        Assert.Fail("An immutable message was copied in 50 of 50 calls.");
    }
}
