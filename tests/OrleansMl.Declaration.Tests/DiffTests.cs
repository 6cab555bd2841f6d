namespace OrleansMl.Declaration.Tests;

public class DiffTests
{
    /// <summary>Changes of the electricity sample that end what its learner learned, and a word of why.</summary>
    public static TheoryData<string, string, string> Ends => new()
    {
        { "[now:*, truth:last]", "[now:*]", "column 'truth:last' removed" },
        { "[now:*, truth:last]", "[truth:last, now:*]", "order of the columns" },
        { "period: {type: float}", "period: {type: float}, x: {type: float}", "column 'x' added" },
        { "period: {type: float}", "period: {type: int}", "type of column 'period': float → int" },
        { "      transfer:   {agg: last, field: transfer}\n", "", "column 'now:transfer' removed" },
        { "{sliding: 24h}", "{sliding: 12h}", "sliding 24h → mean of nswdemand in event tick of market, sliding 12h" },
        { "{sliding: 24h}", "{tumbling: 24h}", "tumbling 24h" },
        { "offset: 1", "offset: 2", "offset 1 → last of nswprice in event tick of market, offset 2" },
        { "field: value, default: 0", "field: value, default: 1", "default 0 →" },
        { "{agg: last, field: transfer}", "{agg: last, field: vicprice}", "last of transfer in event tick of market → last of vicprice" },
        { "strategy: mean", "strategy: median", "pipeline" },
        { "5, 6, 7]}", "5, 6, 7, 8]}", "pipeline" },
        { "- one_hot: {columns: [day]", "- ordinal: {columns: [day]", "pipeline" },
        { "      - standard_scale: {columns: numeric}\n", "", "pipeline" },
        { "standard_scale: {columns: numeric}", "pca: {columns: numeric, components: 3}", "pipeline" },
        { "      - standard_scale: {columns: numeric}\n", "      - standard_scale: {columns: numeric}\n      - kmeans: {columns: numeric, k: 4}\n", "pipeline" },
        { "classes: [DOWN, UP], ", "", "classes: [DOWN, UP] → [0, 1]" },
    };

    /// <summary>Changes that keep it: kind of the changed thing, and a word of what differs.</summary>
    public static TheoryData<string, string, string, string> Keeps => new()
    {
        { "learningRate: 0.5", "learningRate: 0.25", "learner", "params.learningRate: 0.5 → 0.25" },
        { "epochs: 5", "epochs: 6", "learner", "bootstrap.epochs: 5 → 6" },
        { "alpha: 0.05", "alpha: 0.01", "model", "promotion.alpha: 0.05 → 0.01" },
        { "cooldown: 200 outcomes", "cooldown: 100 outcomes", "model", "promotion.cooldown: 200 → 100" },
        { "test: confidence_sequence", "test: empirical_bernstein", "model", "promotion.test: confidence_sequence → empirical_bernstein" },
        { "[{threshold: {at: 0.5", "[{calibrate: {method: platt}}, {threshold: {at: 0.5", "model", "postprocess" },
        { "at: 0.5", "at: 0.6", "model", "postprocess[0].threshold.at: 0.5 → 0.6" },
        { "window: 2h, default: none", "window: 4h, default: none", "model", "target.window: 2h → 4h" },
        { "window: 2h, default: none", "window: 2h, default: none, vector: at_label", "model", "target.vector: at_label: false → true" },
        { "window: 2h, default: none", "window: 2h, default: none, sources: [{name: desk, priority: 2}]", "model", "target.conflict: latest → highest_priority" },
        { "ttl: 2h", "ttl: 4h", "view", "ttl: 2h → 4h" },
        { "vicprice:  {type: float}", "vicprice:  {type: float, range: [0, 2]}", "event", "fields.vicprice.max: none → 2" },
        { "step: 30m", "step: 1h", "replay", "time.step: 30m → 1h" },
        { "[{name: market}]", "[{name: market, attributes: {size: {type: int}}}]", "entity", "attributes.size added" },
        { "clock: event\n", "clock: wall\n", "application", "clock: event → wall" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_change_of_the_vector_or_the_target_ends_a_lineage(string old, string replacement, string words)
    {
        // The labels of the last step may lag behind the classes: that is a warning.
        var difference = Compare(Samples.Electricity, Samples.Electricity.With(old, replacement));

        Assert.True(difference.IsIncompatible);
        var change = Assert.Single(difference.Incompatible);
        Assert.Equal(("update", "learner", "electricity", false), (change.Action, change.Kind, change.Name, change.KeepsState));
        Assert.Contains(words, change.Detail, StringComparison.Ordinal);
        Assert.Equal(["electricity"], difference.ResetModels.AsEnumerable());
    }

    [Theory]
    [MemberData(nameof(Keeps))]
    public void Other_changes_keep_it(string old, string replacement, string kind, string words)
    {
        var difference = Compare(Samples.Electricity, Samples.Electricity.With(old, replacement));

        Assert.False(difference.IsIncompatible);
        Assert.True(difference.HasChanges);
        var change = Assert.Single(difference.Changes, change => change.Action != "none");
        Assert.Equal(("update", kind, true), (change.Action, change.Kind, change.KeepsState));
        Assert.Contains(words, change.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epsilon: 0.05", "epsilon: 0.1", "exploration.epsilon: 0.05 → 0.1")]
    [InlineData("epsilon_greedy, epsilon: 0.05", "square_cb", "exploration.type: epsilon_greedy → square_cb")]
    [InlineData("epsilon: 0.05", "epsilon: 0.05, seed: 9", "exploration.seed: 1 → 9")]
    public void Another_exploration_keeps_what_was_learned(string old, string replacement, string words)
    {
        var difference = Compare(Samples.Shop, Samples.Shop.With(old, replacement));

        Assert.False(difference.IsIncompatible);
        var change = Assert.Single(difference.Changes, change => change.Action != "none");
        Assert.Equal(("update", "model", true), (change.Action, change.Kind, change.KeepsState));
        Assert.Contains(words, change.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_changed_is_said_of_every_thing()
    {
        foreach (var sample in Samples.All)
        {
            var difference = Compare(sample, sample + "\n# a comment\n");
            Assert.False(difference.HasChanges);
            Assert.All(difference.Changes, change => Assert.Equal(("none", true, null), (change.Action, change.KeepsState, change.Detail)));
        }
    }

    [Fact]
    public void A_new_application_creates_all_its_things()
    {
        var difference = ApplicationDiff.Compare(null, Samples.Read(Samples.Electricity));

        Assert.Equal(
            ["application electricity", "entity market", "event tick", "view now", "view truth", "model electricity", "learner electricity", "replay electricity"],
            difference.Changes.Select(change => $"{change.Kind} {change.Name}"));
        Assert.All(difference.Changes, change => Assert.Equal(("create", true), (change.Action, change.KeepsState)));
        Assert.False(difference.IsIncompatible);
    }

    [Fact]
    public void Removing_a_model_that_learns_would_orphan_its_learner()
    {
        var text = Samples.Electricity;
        var start = text.IndexOf("models:", StringComparison.Ordinal);
        var without = text[..start].With("  - name: truth\n    entity: market\n    source: {outcome: up}\n    features: {last: {agg: last, field: value, default: 0}}\n", "");

        var difference = Compare(text, without);

        var change = Assert.Single(difference.Incompatible);
        Assert.Equal(("delete", "learner", "electricity", false), (change.Action, change.Kind, change.Name, change.KeepsState));
        Assert.Empty(difference.ResetModels);
        Assert.Contains(difference.Changes, c => c is { Action: "delete", Kind: "model", KeepsState: false });
        Assert.Contains(difference.Changes, c => c is { Action: "delete", Kind: "view", Name: "truth" });
    }

    [Fact]
    public void A_renamed_target_ends_the_lineage()
    {
        var renamed = Samples.Electricity.With("{outcome: up}", "{outcome: rise}").With("{name: up,", "{name: rise,").With("target: up,", "target: rise,");

        var change = Assert.Single(Compare(Samples.Electricity, renamed).Incompatible);

        Assert.Contains("target: up → rise", change.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_learner_may_change_its_vector()
    {
        static string Bare(string inputs) => $"apiVersion: orleansml/v1\nkind: Application\nname: a\nmodels: [{{name: m, inputs: {{{inputs}}}}}]\n";

        var difference = Compare(Bare("x: {type: float}"), Bare("x: {type: float}, y: {type: int}"));

        Assert.False(difference.IsIncompatible);
        Assert.Contains(difference.Changes, change => change is { Action: "update", Kind: "model", Detail: "inputs.y added" });
    }

    [Fact]
    public void Two_applications_are_not_revisions_of_one()
    {
        Assert.Throws<ArgumentException>(() => Compare(Samples.Electricity, Samples.Shop));
    }

    private static ApplicationDifference Compare(string current, string next) => ApplicationDiff.Compare(Samples.Read(current), Samples.Read(next));
}
