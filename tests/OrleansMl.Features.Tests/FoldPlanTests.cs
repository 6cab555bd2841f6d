using static OrleansMl.Features.Tests.Declare;

namespace OrleansMl.Features.Tests;

public sealed class FoldPlanTests
{
    private static readonly ViewDefinition Taste = View("taste", "viewed", Feature("views_7d", Aggregation.Count, null, 7 * 1440), Feature("seconds_mean_7d", Aggregation.Mean, "seconds", 7 * 1440));
    private static readonly ViewDefinition Buys = View("buys", "purchased", Feature("last", Aggregation.Last, "price"));

    [Fact]
    public void Names_resolve_in_the_order_asked_wildcards_in_declared_order_each_once()
    {
        Assert.True(Plan(Taste, Buys).TryResolve(["client.id", "buys:last", "taste:*", "taste:views_7d", "client.segment"], out var selection, out _));
        Assert.Equal(["client.id", "buys:last", "taste:views_7d", "taste:seconds_mean_7d", "client.segment"], selection.Names.ToArray());
    }

    [Fact]
    public void No_names_means_all_features_then_all_attributes()
    {
        Assert.True(Plan(Taste, Buys).TryResolve([], out var selection, out _));
        Assert.Equal(["taste:views_7d", "taste:seconds_mean_7d", "buys:last", "client.segment"], selection.Names.ToArray());
    }

    [Fact]
    public void An_unknown_name_is_told_with_what_was_meant_and_what_there_is()
    {
        Assert.False(Plan(Taste, Buys).TryResolve(["taste:view_7d", "taste:views_7d", "tast:*", "product.price"], out var selection, out var error));
        Assert.Null(selection);
        Assert.Equal(
            "Entity type 'client' has no feature 'taste:view_7d' (did you mean 'taste:views_7d'?), 'tast:*' (did you mean 'taste:*'?), 'product.price'. "
            + "There is: taste:views_7d, taste:seconds_mean_7d, buys:last, client.segment, client.id.",
            error);
    }

    [Fact]
    public void Views_of_other_entity_types_are_passed_over() =>
        Assert.Equal(["buys:last", "client.segment"], Plan(Taste with { Entity = "product" }, Buys).All.Names.ToArray());

    [Fact]
    public void The_version_is_that_of_what_is_kept()
    {
        var version = Plan(Taste, Buys).FoldVersion;
        Assert.Equal(version, Plan(Taste, Buys).FoldVersion);
        Assert.Equal(version, Plan(Taste with { Ttl = TimeSpan.FromDays(1) }, Buys).FoldVersion); // applied when reading
        Assert.NotEqual(version, Plan(Taste).FoldVersion);
        Assert.NotEqual(version, Plan(Taste, Buys with { Source = "returned" }).FoldVersion);
        Assert.NotEqual(version, Plan(Taste, Buys with { SourceKind = ViewSourceKind.Outcome }).FoldVersion);
        Assert.NotEqual(version, Plan(Taste, View("buys", "purchased", Feature("last", Aggregation.Last, "price") with { Offset = 1 })).FoldVersion);
        Assert.NotEqual(version, Plan(Taste, View("buys", "purchased", Feature("last", Aggregation.Last, "cost"))).FoldVersion);
        Assert.NotEqual(version, Plan(Taste, View("buys", "purchased", Feature("last", Aggregation.Last, "price", 60))).FoldVersion);
        Assert.NotEqual(version, Plan(Taste, View("buys", "purchased", Feature("last", Aggregation.Distinct, "price"))).FoldVersion);
        Assert.NotEqual(version, FoldPlan.Compile(Client("segment"), [Taste, Buys], TimeSpan.FromHours(2)).FoldVersion);
        Assert.NotEqual(version, FoldPlan.Compile(Client("segment", "tier"), [Taste, Buys]).FoldVersion);
    }

    [Fact]
    public void A_declaration_that_cannot_be_folded_is_refused_by_name()
    {
        Refused("'v:f'", Feature("f", Aggregation.Sum));
        Refused("'v:f'", Feature("f", Aggregation.Count, null, 0));
        Refused("'v:f'", Feature("f", Aggregation.Last, "x") with { Offset = -1 });
        Refused("'v:f'", Feature("f", Aggregation.Last, "x") with { Default = 1 });
        Refused("'v:f' 2 times", Feature("f", Aggregation.Count), Feature("f", Aggregation.Count));
        var application = new ApplicationDefinition { Name = "shop", Entities = [Client()] };
        Assert.Contains("'product'", Assert.Throws<ArgumentException>(() => FoldPlan.Compile(application, "product")).Message, StringComparison.Ordinal);
        Assert.Empty(FoldPlan.Compile(application, "client").All.Names.ToArray());

        static void Refused(string what, params FeatureDefinition[] features) =>
            Assert.Contains(what, Assert.Throws<ArgumentException>(() => Plan(View("v", "e", features))).Message, StringComparison.Ordinal);
    }
}
