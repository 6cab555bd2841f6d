namespace OrleansMl.Declaration.Tests;

/// <summary>Targets of more than two classes: what is read, and what cannot go with them.</summary>
public class MulticlassTests
{
    private const string Sample = """
        apiVersion: orleansml/v1
        kind: Application
        name: post
        entities: [{name: letter, attributes: {}}, {name: desk}]
        events: [{name: read, entity: letter, fields: {words: {type: float}}}]
        views:
          - name: seen
            entity: letter
            source: {event: read}
            features: {n: {agg: count}}
        models:
          - name: sort
            entity: letter
            inputs: {words: {type: float, required: true}}
            target: {name: kind, type: multiclass, classes: [bill, ad, love], window: 1h}
            learner: {type: softmax}
            promotion: {metric: log_loss}
        """;

    /// <summary>What stood there, what stands there now, the fault's code, path, the text at its place and words of its detail.</summary>
    public static TheoryData<string, string, string, string, string, string> Spoilt => new()
    {
        { "classes: [bill, ad, love], ", "", "missing_key", "models[0].target.type", "type: multiclass", "'classes'" },
        { "[bill, ad, love]", "[bill, ad]", "invalid_value", "models[0].target.classes", "[bill, ad]", "type: binary" },
        { "[bill, ad, love]", "[bill]", "invalid_value", "models[0].target.classes", "[bill]", "3 to 1000" },
        { "[bill, ad, love]", "[bill, ad, love, ad]", "duplicate_name", "models[0].target.classes[3]", "ad]", "keep one" },
        { "[bill, ad, love]", "[bill, ad, none]", "invalid_name", "models[0].target.classes[2]", "none]", "rename" },
        { "type: multiclass", "type: binary", "invalid_value", "models[0].target.classes", "[bill, ad, love]", "type: multiclass" },
        { "window: 1h", "window: 1h, default: adv", "invalid_value", "models[0].target.default", "adv}", "Did you mean 'ad'?" },
        { "window: 1h", "window: 1h, default: 3", "out_of_range", "models[0].target.default", "3}", "bill, ad, love" },
        { "window: 1h", "window: 1h, from: {event: read}", "missing_key", "models[0].target.from", "{event: read}", "'value'" },
        { "entity: letter\n    inputs", "entity: letter\n    candidates: desk\n    inputs", "conflict", "models[0].target.type", "type: multiclass", "remove 'candidates'" },
        { "type: softmax", "type: logistic_regression", "conflict", "models[0].learner.type", "logistic_regression", "does not learn multiclass targets" },
        { "metric: log_loss", "metric: squared_error", "conflict", "models[0].promotion.metric", "squared_error", "log_loss, accuracy" },
        { "promotion:", "postprocess: [{threshold: {at: 0.5, below: ad, above: bill}}]\n    promotion:", "conflict", "models[0].postprocess[0].threshold", "threshold:", "a probability for each class" },
        { "promotion:", "postprocess: [{calibrate: {method: platt}}]\n    promotion:", "conflict", "models[0].postprocess[0].calibrate", "calibrate:", "a probability for each class" },
        { "promotion:", "trainer: {type: gradient_boosted_trees, tune: {metric: pr_auc, space: {maxLeaves: [8, 16]}}}\n    promotion:", "conflict", "models[0].trainer.tune.metric", "pr_auc", "log_loss, accuracy, brier, roc_auc" },
        { "promotion:", "monitors: [{name: m, on: class, detector: {type: adwin}}]\n    promotion:", "conflict", "models[0].monitors[0].detector", "detector:", "psi" },
        { "promotion:", "monitors: [{name: m, on: label, statistic: wasserstein, threshold: {constant: 1}}]\n    promotion:", "conflict", "models[0].monitors[0].statistic", "wasserstein", "psi" },
        { "source: {event: read}", "source: {outcome: kind}", "conflict", "views[0].source.outcome", "kind}", "fold an event" },
    };

    [Fact]
    public void Classes_defaults_and_events_are_read_by_name_and_by_place()
    {
        var target = Target(Sample.With("window: 1h", "window: 1h, default: love, from: {event: read, value: 1}, conflict: majority"));
        Assert.Equal((TargetType.Multiclass, 3, 3), (target.Type, target.ClassCount(), target.AnswerWidth()));
        Assert.Equal(["bill", "ad", "love"], target.Classes.AsEnumerable());
        Assert.Equal((2.0, 1.0, LabelConflict.Majority), (target.Default!.Value, target.FromValue, target.Conflict));
    }

    [Fact]
    public void Numbers_mean_the_classes_that_are_named_so()
    {
        var target = Target(Sample.With("[bill, ad, love]", "[\"1\", \"2\", \"3\"]").With("window: 1h", "window: 1h, default: 3"));
        Assert.Equal(2, target.Default);
        Assert.Equal([-1, 0, -1], [TargetShape.PlaceOf(target.Classes, 0), TargetShape.PlaceOf(target.Classes, 1), TargetShape.PlaceOf(target.Classes, 1.5)]);
        Assert.Equal([0, 2, -1, -1], [.. new double[] { 0, 2, 3, double.NaN }.Select(number => TargetShape.PlaceOf(["a", "b", "c"], number))]);
    }

    [Fact]
    public void A_thousand_classes_are_read_and_one_more_is_refused()
    {
        static string Names(int count) => "[" + string.Join(", ", Enumerable.Range(0, count).Select(place => $"c{place}")) + "]";
        Assert.Equal(1000, Target(Sample.With("[bill, ad, love]", Names(1000))).ClassCount());
        var fault = Assert.Single(ApplicationReader.Read(Sample.With("[bill, ad, love]", Names(1001))).Faults);
        Assert.Contains("at most 1,000", fault.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void What_cannot_go_with_it_is_one_fault_at_its_place(string old, string replacement, string code, string path, string at, string words)
    {
        var text = Sample.With(old, replacement);
        var fault = Assert.Single(ApplicationReader.Read(text).Faults);
        Assert.Equal((code, path), (fault.Code, fault.Path));
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
        Assert.StartsWith(at, text.Split('\n')[fault.Line - 1][(fault.Column - 1)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[bill, ad, love]", "[bill, love, ad]", "classes: [bill, ad, love] → [bill, love, ad]")]
    [InlineData("[bill, ad, love]", "[bill, ad, love, other]", "[bill, ad, love, other]")]
    [InlineData("type: multiclass, classes: [bill, ad, love]", "type: binary, classes: [bill, ad]", "target type: multiclass → binary")]
    public void Other_classes_end_what_was_learned(string old, string replacement, string words)
    {
        var difference = ApplicationDiff.Compare(Read(Sample), Read(Sample.With(old, replacement)));
        var change = Assert.Single(difference.Incompatible);
        Assert.Contains(words, change.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_class_changes_and_the_learner_stays() =>
        Assert.False(ApplicationDiff.Compare(Read(Sample), Read(Sample.With("window: 1h", "window: 2h, default: ad"))).IsIncompatible);

    private static TargetDefinition Target(string text) => Read(text).Models[0].Target!;

    private static ApplicationDefinition Read(string text)
    {
        var read = ApplicationReader.Read(text);
        Assert.Empty(read.Faults.Select(fault => fault.Detail));
        return read.Definition!;
    }
}
