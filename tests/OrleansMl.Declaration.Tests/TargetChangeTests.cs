namespace OrleansMl.Declaration.Tests;

/// <summary>Changes of the target of a model without a learner: what was labelled and trained stands for classes by their places.</summary>
public class TargetChangeTests
{
    private const string Kinds = "{name: kind, type: multiclass, classes: [bill, ad, love], window: 1h}";
    private const string Sides = "{name: side, type: binary, classes: [left, right], window: 1h}";

    /// <summary>Target before and after, and a word of why labels and versions do not fit.</summary>
    public static TheoryData<string, string, string> Ends => new()
    {
        { Kinds, Kinds.With("bill, ad", "ad, bill"), "add new classes after them" },
        { Kinds, Kinds.With("ad, love", "advert, love"), "add new classes after them" },
        { Kinds, Kinds.With("ad, love", "ad, news, love"), "add new classes after them" },
        { Kinds.With("love", "love, news"), Kinds, "add new classes after them" },
        { Sides, Sides.With("left, right", "right, left"), "by their places" },
        { Sides, Sides.With("classes: [left, right], ", ""), "by their places" },
        { Sides, Kinds.With("name: kind", "name: side"), "of the type that stands" },
        { Sides, "{name: side, type: regression, window: 1h}", "of the type that stands" },
        { Kinds, "", "of no target" },
    };

    public static TheoryData<string, string> Keeps => new()
    {
        { Kinds, Kinds.With("love", "love, news") },
        { Kinds, Kinds.With("love", "love, news, post") },
        { Kinds, Kinds.With("1h", "2h") },
        { Sides, Sides.With("1h", "2h, default: left") },
        { Sides.With("left, right", "\"0\", \"1\""), Sides.With("classes: [left, right], ", "") },
        { "", Kinds },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Labels_and_versions_end_with_the_classes_that_they_stand_for(string before, string after, string words)
    {
        var difference = Compare(before, after);

        Assert.True(difference.IsIncompatible);
        var change = Assert.Single(difference.Incompatible);
        Assert.Equal(("update", "model", "sort", false), (change.Action, change.Kind, change.Name, change.KeepsState));
        Assert.StartsWith("target", change.Detail, StringComparison.Ordinal);
        Assert.Contains(words, change.Detail, StringComparison.Ordinal);
        Assert.Equal(["sort"], difference.ResetModels.AsEnumerable());
    }

    [Theory]
    [MemberData(nameof(Keeps))]
    public void Classes_that_come_last_and_all_else_keep_them(string before, string after)
    {
        var difference = Compare(before, after);

        Assert.False(difference.IsIncompatible);
        Assert.Equal(("update", true), (difference.Changes.Single(change => change.Kind == "model").Action, difference.Changes.Single(change => change.Kind == "model").KeepsState));
        Assert.Empty(difference.ResetModels);
    }

    [Fact]
    public void A_learner_that_comes_with_other_classes_finds_labels_and_versions_of_the_old_ones()
    {
        var difference = ApplicationDiff.Compare(Samples.Read(Application(Kinds)), Samples.Read(Application(Kinds.With("bill, ad", "ad, bill"), "learner: {type: softmax}")));

        Assert.Equal("model", Assert.Single(difference.Incompatible).Kind);
    }

    [Fact]
    public void Where_a_learner_goes_on_its_own_line_says_it()
    {
        var difference = ApplicationDiff.Compare(
            Samples.Read(Application(Kinds, "learner: {type: softmax}")), Samples.Read(Application(Kinds.With("bill, ad", "ad, bill"), "learner: {type: softmax}")));

        Assert.Equal("learner", Assert.Single(difference.Incompatible).Kind);
        Assert.Equal(["sort"], difference.ResetModels.AsEnumerable());
    }

    private static ApplicationDifference Compare(string before, string after) => ApplicationDiff.Compare(Samples.Read(Application(before)), Samples.Read(Application(after)));

    private static string Application(string target, string learning = "") => $$$"""
        apiVersion: orleansml/v1
        kind: Application
        name: post
        entities: [{name: letter}]
        models:
          - name: sort
            entity: letter
            inputs: {words: {type: float, required: true}}
            {{{(target.Length > 0 ? "target: " + target : "")}}}
            {{{learning}}}
        """;
}
