namespace OrleansMl.Declaration.Tests;

/// <summary>One place of a valid file is spoilt: exactly one fault, at that place, that says what to do.</summary>
public class FaultTests
{
    /// <summary>Where it stood, what stands there now, the fault's code, path, the text at its place, and words of its detail.</summary>
    public static TheoryData<string, string, string, string, string, string> Spoilt => new()
    {
        { "clock: event\n", "clok: event\n", "unknown_key", "clok", "clok", "Did you mean 'clock'?" },
        { "clock: event\n", "clock: evnt\n", "invalid_value", "clock", "evnt", "Did you mean 'event'?" },
        { "clock: event\n", "clock: event\nclock: wall\n", "repeated_key", "clock", "clock: wall", "keep one" },
        { "clock: event\n", "clock: [event]\n", "wrong_type", "clock", "[event]", "A list is not one of wall, event" },
        { "clock: event\n", "maxFuture: 5 minutes\n", "invalid_duration", "maxFuture", "5 minutes", "30m, 24h, 7d" },
        { "apiVersion: orleansml/v1\n", "apiVersion: orleansml/v2\n", "invalid_value", "apiVersion", "orleansml/v2", "orleansml/v1" },
        { "name: electricity\nclock", "name: 1electricity\nclock", "invalid_name", "name", "1electricity", "[A-Za-z][A-Za-z0-9._-]{0,62}" },
        { "name: electricity\nclock", "name: 17\nclock", "wrong_type", "name", "17", "in quotes, \"17\"" },
        { "entity: market\n    fields", "entity: markt\n    fields", "unknown_entity", "events[0].entity", "markt", "Did you mean 'market'?" },
        { "vicprice:  {type: float}", "vicprice:  {type: flaot}", "invalid_value", "events[0].fields.vicprice.type", "flaot", "Did you mean 'float'?" },
        { "vicprice:  {type: float}", "vicprice:  {type: float, range: [1, 0]}", "out_of_range", "events[0].fields.vicprice.range", "[1, 0]", "swap" },
        { "vicprice:  {type: float}", "vicprice:  {type: bool, range: [0, 1]}", "conflict", "events[0].fields.vicprice.range", "range", "type: float" },
        { "vicprice:  {type: float}", "vicprice:  {type: float, entity: market}", "conflict", "events[0].fields.vicprice.entity", "entity: market}", "type: ref" },
        { "vicprice:  {type: float}", "vicprice:  {type: float, range: [0]}", "invalid_value", "events[0].fields.vicprice.range", "[0]", "two bounds" },
        { "source: {event: tick}", "source: {event: tock}", "unknown_event", "views[0].source.event", "tock", "Did you mean 'tick'?" },
        { "source: {event: tick}", "source: {}", "missing_key", "views[0].source", "{}", "event, outcome" },
        { "source: {outcome: up}", "source: {outcome: upp}", "unknown_target", "views[1].source.outcome", "upp", "Did you mean 'up'?" },
        { "source: {outcome: up}", "source: {outcome: up, event: tick}", "conflict", "views[1].source.outcome", "outcome: up", "exclude each other" },
        { "field: value, default: 0", "field: price, default: 0", "unknown_field", "views[1].features.last.field", "price", "'value'" },
        { "field: value, default: 0", "field: value, default: zero", "wrong_type", "views[1].features.last.default", "zero", "number" },
        { "{agg: last, field: transfer}", "{agg: last, field: transfr}", "unknown_field", "views[0].features.transfer.field", "transfr}", "Did you mean 'transfer'?" },
        { "{agg: last, field: transfer}", "{agg: last}", "missing_key", "views[0].features.transfer", "{agg: last}", "'field'" },
        { "{agg: last, field: transfer}", "{agg: count, field: transfer}", "conflict", "views[0].features.transfer.field", "field: transfer}", "distinct" },
        { "{agg: last, field: transfer}", "{agg: mean, field: transfer, offset: 1}", "conflict", "views[0].features.transfer.offset", "offset: 1", "agg: last" },
        { "offset: 1", "offset: -1", "out_of_range", "views[0].features.price_lag1.offset", "-1", "0" },
        { "offset: 1", "offset: 1.5", "wrong_type", "views[0].features.price_lag1.offset", "1.5", "whole" },
        { "{sliding: 24h}", "{sliding: 0h}", "out_of_range", "views[0].features.demand_24h.window.sliding", "0h}", "longer than zero" },
        { "{sliding: 24h}", "{hopping: 24h}", "unknown_key", "views[0].features.demand_24h.window.hopping", "hopping", "sliding, tumbling" },
        { "ttl: 2h", "ttl: 120", "wrong_type", "views[0].ttl", "120", "30m" },
        { "[now:*, truth:last]", "[now:*, truth:lst]", "unknown_feature", "models[0].features[1]", "truth:lst]", "Did you mean 'last'?" },
        { "[now:*, truth:last]", "[nou:*, truth:last]", "unknown_view", "models[0].features[0]", "nou:*", "Did you mean 'now:*'?" },
        { "[now:*, truth:last]", "[now:*, truth:last, now:price]", "duplicate_column", "models[0].features[2]", "now:price]", "'now:price'" },
        { "[now:*, truth:last]", "[now:*, truth:last, market.size]", "unknown_feature", "models[0].features[2]", "market.size", "market.id" },
        { "period: {type: float}", "period: {type: float}, all: {type: float}", "invalid_name", "models[0].inputs.all", "all:", "'all'" },
        { "strategy: mean", "strategy: constant", "missing_key", "models[0].pipeline[0].impute", "{columns: all", "'value'" },
        { "strategy: mean", "strategy: mean, value: 0", "conflict", "models[0].pipeline[0].impute.value", "value: 0", "constant" },
        { "columns: all", "columns: every", "invalid_value", "models[0].pipeline[0].impute.columns", "every", "all, numeric, categorical" },
        { "columns: all", "columns: categorical", "no_columns", "models[0].pipeline[0].impute.columns", "categorical", "selects no column" },
        { "columns: [day]", "columns: [dya]", "unknown_column", "models[0].pipeline[1].one_hot.columns[0]", "dya", "Did you mean 'day'?" },
        { "one_hot: {columns: [day]", "ordinal: {columns: [dya]", "unknown_column", "models[0].pipeline[1].ordinal.columns[0]", "dya", "Did you mean 'day'?" },
        { "one_hot: {columns: [day], categories: [1,", "ordinal: {columns: [day], categories: [one,", "wrong_type", "models[0].pipeline[1].ordinal.categories[0]", "one,", "number" },
        { "columns: [day]", "columns: day", "invalid_value", "models[0].pipeline[1].one_hot.columns", "day,", "write [day]" },
        { "columns: numeric", "columns: [day]", "unknown_column", "models[0].pipeline[2].standard_scale.columns[0]", "day]", "earlier stage" },
        { "5, 6, 7]}", "5, 6, 6]}", "duplicate_name", "models[0].pipeline[1].one_hot.categories[6]", "6]}", "twice" },
        { "standard_scale: {columns: numeric}", "kmeans: {columns: numeric}", "missing_key", "models[0].pipeline[2].kmeans", "{columns: numeric}", "'k'" },
        { "standard_scale: {columns: numeric}", "kmeans: {columns: numeric, k: 1}", "out_of_range", "models[0].pipeline[2].kmeans.k", "1}", "from 2 to 256" },
        { "standard_scale: {columns: numeric}", "kmeans: {columns: numeric, k: 3, prefix: 3d}", "invalid_name", "models[0].pipeline[2].kmeans.prefix", "3d}", "new columns" },
        { "standard_scale: {columns: numeric}", "kmeans: {columns: numeric, k: 3, starts: 0}", "out_of_range", "models[0].pipeline[2].kmeans.starts", "0}", "from 1 to 100" },
        { "- standard_scale: {columns: numeric}", "- kmeans: {columns: numeric, k: 3}\n      - kmeans: {columns: [period], k: 2}", "duplicate_column", "models[0].pipeline[3].kmeans", "{columns: [period], k: 2}", "another 'prefix'" },
        { "standard_scale: {columns: numeric}", "pca: {columns: numeric}", "missing_key", "models[0].pipeline[2].pca", "{columns: numeric}", "components, variance" },
        { "standard_scale: {columns: numeric}", "pca: {columns: numeric, components: 2, variance: 0.9}", "conflict", "models[0].pipeline[2].pca.variance", "variance: 0.9", "exclude each other" },
        { "standard_scale: {columns: numeric}", "pca: {columns: numeric, variance: 1}", "out_of_range", "models[0].pipeline[2].pca.variance", "1}", "0" },
        { "standard_scale: {columns: numeric}", "pca: {columns: [period], components: 2}", "out_of_range", "models[0].pipeline[2].pca.components", "2}", "at most as many as columns" },
        { "- standard_scale: {columns: numeric}", "- pca: {columns: [period], components: 1}\n      - clip: {columns: [period], min: 0}", "unknown_column", "models[0].pipeline[3].clip.columns[0]", "period], min", "earlier stage" },
        { "- standard_scale:", "- standardscale:", "unknown_key", "models[0].pipeline[2].standardscale", "standardscale", "Did you mean 'standard_scale'?" },
        { "window: 2h, default: none", "default: none", "missing_key", "models[0].target", "{name: up", "'window'" },
        { "window: 2h, default: none", "window: 2h, default: SIDEWAYS", "invalid_value", "models[0].target.default", "SIDEWAYS", "DOWN, UP" },
        { "window: 2h, default: none", "window: 2h, default: 2", "out_of_range", "models[0].target.default", "2}", "0, 1" },
        { "window: 2h, default: none", "window: 2h, sources: [{name: desk}]", "missing_key", "models[0].target.sources[0]", "{name: desk", "'priority'" },
        { "window: 2h, default: none", "window: 2h, sources: [{name: desk, priority: 0}]", "out_of_range", "models[0].target.sources[0].priority", "0}", "from 1 to 1000000" },
        { "window: 2h, default: none", "window: 2h, sources: [{name: a, priority: 1}, {name: a, priority: 2}]", "duplicate_name", "models[0].target.sources[1].name", "a, priority: 2", "listed twice" },
        { "window: 2h, default: none", "window: 2h, sources: [{name: correction, priority: 1}]", "invalid_name", "models[0].target.sources[0].name", "correction", "rename the source" },
        { "window: 2h, default: none", "window: 2h, conflict: highest_priority", "missing_key", "models[0].target.conflict", "highest_priority", "'sources'" },
        { "window: 2h, default: none", "window: 2h, conflict: loudest", "invalid_value", "models[0].target.conflict", "loudest", "highest_priority" },
        { "window: 2h, default: none", "window: 2h, unknownSources: refuse", "missing_key", "models[0].target.unknownSources", "unknownSources", "'sources'" },
        { "window: 2h, default: none", "window: 2h, vector: at_once", "invalid_value", "models[0].target.vector", "at_once", "at_label" },
        { "classes: [DOWN, UP]", "classes: [DOWN, DOWN]", "duplicate_name", "models[0].target.classes[1]", "DOWN],", "different" },
        { "classes: [DOWN, UP]", "classes: [UP]", "invalid_value", "models[0].target.classes", "[UP]", "[negative, positive]" },
        { "classes: [DOWN, UP]", "classes: [A, B, C]", "invalid_value", "models[0].target.classes", "[A, B, C]", "two classes" },
        { "type: logistic_regression", "type: logistic_regresion", "unknown_learner", "models[0].learner.type", "logistic_regresion", "Did you mean 'logistic_regression'?" },
        { "type: logistic_regression", "type: gradient_boosting", "unknown_learner", "models[0].learner.type", "gradient_boosting", "logistic_regression, linear_regression, sgd, adagrad, adam, ftrl" },
        { "params: {learningRate: 0.5, adaptive: true, normalized: false}", "params: {base: linear_regression}", "unknown_key", "models[0].learner.params.base", "base", "learningRate" },
        { "type: logistic_regression", "type: linear_regression", "conflict", "models[0].learner.type", "linear_regression", "use logistic_regression" },
        { "learningRate: 0.5", "learningrate: 0.5", "unknown_key", "models[0].learner.params.learningrate", "learningrate", "Did you mean 'learningRate'?" },
        { "learningRate: 0.5", "learningRate: 0", "out_of_range", "models[0].learner.params.learningRate", "0,", "(0, 100]" },
        { "learningRate: 0.5", "learningRate: 1e999", "wrong_type", "models[0].learner.params.learningRate", "1e999", "finite" },
        { "adaptive: true", "adaptive: yes", "wrong_type", "models[0].learner.params.adaptive", "yes", "true or false" },
        { "serve: promoted\n", "serve: promoted\n      snapshotEvery: 5\n", "conflict", "models[0].learner.snapshotEvery", "snapshotEvery", "serve: live" },
        { "outcomes: 2000", "outcomes: 9", "out_of_range", "models[0].learner.bootstrap.outcomes", "9,", "from 10 to 1000000" },
        { "epochs: 5", "epochs: 1001", "out_of_range", "models[0].learner.bootstrap.epochs", "1001", "from 1 to 1000" },
        { "metric: log_loss", "metric: squared_error", "conflict", "models[0].promotion.metric", "squared_error", "log_loss, accuracy" },
        { "alpha: 0.05", "alpha: 1", "out_of_range", "models[0].promotion.alpha", "1,", "strictly between 0 and 0.5" },
        { "cooldown: 200 outcomes", "cooldown: 200", "invalid_value", "models[0].promotion.cooldown", "200}", "200 outcomes" },
        { "cooldown: 200 outcomes", "cooldown: 2h", "invalid_value", "models[0].promotion.cooldown", "2h}", "200 outcomes" },
        { "cooldown: 200 outcomes", "slices: [now:prise]", "unknown_column", "models[0].promotion.slices[0]", "now:prise", "Did you mean 'now:price'?" },
        { "cooldown: 200 outcomes", "slices: [now:price]", "missing_key", "models[0].promotion.slices[0]", "now:price]}", "bins: [10, 20]" },
        { "cooldown: 200 outcomes", "slices: [{column: now:price, bins: [0.5, 0.2]}]", "out_of_range", "models[0].promotion.slices[0].bins[1]", "0.2]", "rising" },
        { "cooldown: 200 outcomes", "slices: [{column: now:price, bins: []}]", "invalid_value", "models[0].promotion.slices[0].bins", "[]}", "at least one" },
        { "cooldown: 200 outcomes", "slices: [day, day]", "duplicate_column", "models[0].promotion.slices[1]", "day]}", "keep one" },
        { "test: confidence_sequence", "test: sprt", "invalid_value", "models[0].promotion.test", "sprt", "empirical_bernstein" },
        { "cooldown: 200 outcomes", "guardrails: {}", "missing_key", "models[0].promotion.guardrails", "{}}", "latency, errors" },
        { "cooldown: 200 outcomes", "guardrails: {latency: {}}", "missing_key", "models[0].promotion.guardrails.latency", "{}}}", "p99, ratio" },
        { "cooldown: 200 outcomes", "guardrails: {latency: {p99: 20m}}", "invalid_value", "models[0].promotion.guardrails.latency.p99", "20m}", "20ms, 0.5ms, 2s" },
        { "cooldown: 200 outcomes", "guardrails: {latency: {ratio: 0.5}}", "out_of_range", "models[0].promotion.guardrails.latency.ratio", "0.5}}", "from 1 to 1000" },
        { "cooldown: 200 outcomes", "guardrails: {errors: 1}", "out_of_range", "models[0].promotion.guardrails.errors", "1}}", "from 0 to 0.999" },
        { "cooldown: 200 outcomes", "rollout: {}", "missing_key", "models[0].promotion.rollout", "{}}", "shadow, canary" },
        { "cooldown: 200 outcomes", "rollout: {canary: [0.25, 0.05]}", "out_of_range", "models[0].promotion.rollout.canary[1]", "0.05]", "rising" },
        { "cooldown: 200 outcomes", "rollout: {canary: [1]}", "out_of_range", "models[0].promotion.rollout.canary[0]", "1]}", "strictly between 0 and 1" },
        { "cooldown: 200 outcomes", "rollout: {shadow: {}}", "missing_key", "models[0].promotion.rollout.shadow", "{}}}", "'outcomes'" },
        { "cooldown: 200 outcomes", "rollout: {canary: [0.1], step: {minTime: soon}}", "invalid_duration", "models[0].promotion.rollout.step.minTime", "soon", "45s, 30m" },
        { "threshold: {at: 0.5, below: DOWN, above: UP}", "threshold: {at: 0.5, below: DOWN}", "missing_key", "models[0].postprocess[0].threshold", "{at: 0.5, below: DOWN}", "'above'" },
        { "threshold: {at: 0.5, below: DOWN, above: UP}", "top_k: {k: 5}", "conflict", "models[0].postprocess[0].top_k", "top_k", "candidates" },
        { "id: NSW", "id: 5", "wrong_type", "replay.entity.id", "5}", "in quotes" },
        { "id: NSW", "id: NSW, column: city", "conflict", "replay.entity.column", "column: city", "exclude each other" },
        { "\"1996-05-07T00:00:00Z\"", "\"1996-05-07T00:00:00\"", "invalid_value", "replay.time.start", "\"1996-05-07T00:00:00\"", "RFC 3339" },
        { ", step: 30m", "", "missing_key", "replay.time", "{start", "'step'" },
        { "inputs: [day, period]", "inputs: [day, perod]", "unknown_input", "replay.inputs[1]", "perod", "Did you mean 'period'?" },
        { "target: up, column", "target: down, column", "unknown_target", "replay.outcome.target", "down", "targets: up" },
        { "kind: Application\n", "kind: Application\nfoo\u0007: 1\n", "yaml_character", "", "\u0007", "U+0007" },
        { "  - name: tick\n", "\t- name: tick\n", "yaml_tab", "", "\t- name", "spaces" },
        { "clock: event\n", "clock: &c event\n", "yaml_alias", "", "&c event", "remove it" },
        { "clock: event\n", "clock: *c\n", "yaml_alias", "", "*c", "write the value out" },
        { "clock: event\n", "clock: !!str event\n", "yaml_tag", "", "!!str", "remove it" },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void One_spoilt_place_gives_one_fault_at_that_place(string old, string replacement, string code, string path, string at, string words)
    {
        var text = Samples.Electricity.With(old, replacement);

        var result = ApplicationReader.Read(text);

        Assert.Null(result.Definition);
        var fault = Assert.Single(result.Faults);
        Assert.Equal((code, path), (fault.Code, fault.Path));
        Assert.StartsWith(at, text.Split('\n')[fault.Line - 1][(fault.Column - 1)..], StringComparison.Ordinal);
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("views[0].features.views_7d", "{agg: count, window", "{agg: sum, field: product, window", "needs numbers")]
    [InlineData("models[0].target.from.subject", "subject: product", "subject: price", "such fields: product")]
    [InlineData("models[0].target.from.event", "{event: purchased", "{event: purchase", "Did you mean 'purchased'?")]
    [InlineData("models[0].promotion", "slices: [customer.segment]", "rollout: {canary: [0.1]}", "leave out 'rollout', or use serve: promoted")]
    [InlineData("models[0].exploration.epsilon", "epsilon: 0.05", "epsilon: 1.5", "from 0 to 1")]
    [InlineData("models[0].exploration", "epsilon_greedy, epsilon: 0.05", "softmax", "'lambda' is missing; an exploration of type softmax")]
    [InlineData("models[0].exploration.epsilon", "epsilon_greedy, epsilon: 0.05", "softmax, lambda: 2, epsilon: 0.05", "belongs to type: epsilon_greedy; softmax takes lambda")]
    [InlineData("models[0].exploration.scale", "epsilon_greedy, epsilon: 0.05", "square_cb, scale: 0", "strictly between 0")]
    [InlineData("models[0].exploration.exponent", "epsilon_greedy, epsilon: 0.05", "square_cb, exponent: 1.5", "from 0 to 1")]
    [InlineData("models[0].exploration.seed", "epsilon: 0.05", "epsilon: 0.05, seed: -1", "from 0 to 2147483647")]
    [InlineData("models[0].exploration.type", "epsilon_greedy", "epsilon_gredy", "Did you mean 'epsilon_greedy'?")]
    [InlineData("models[0].postprocess[1].calibrate", "top_k: {k: 5}", "calibrate: {method: platt}", "put it first")]
    [InlineData("models[0].postprocess[0].calibrate.method", "combine: {score: 0.8, product.margin: 0.2}", "calibrate: {method: plat}", "Did you mean 'platt'?")]
    [InlineData("models[0].pipeline[2].hash.bits", "bits: 18", "bits: 25", "from 1 to 24")]
    [InlineData("models[0].pipeline[1].cross.columns", "[customer.segment, product.category]}", "[customer.segment]}", "two or more")]
    [InlineData("models[0].learner", "columns: categorical, bits", "columns: [customer.id], bits", "'customer.segment' and 3 more")]
    [InlineData("models[0].postprocess[0].combine[\"product.category\"]", "product.margin: 0.2", "product.category: 0.2", "texts")]
    [InlineData("models[0].candidates", "candidates: product", "candidates: prodct", "Did you mean 'product'?")]
    [InlineData("entities[1].attributes.id", "{category: {type: string}", "{id: {type: string}, category: {type: string}", "'id'")]
    [InlineData("events[0].fields.product", "{type: ref, entity: product}, seconds", "{type: ref}, seconds", "needs the key 'entity'")]
    public void Faults_of_the_shop_are_found_too(string path, string old, string replacement, string words)
    {
        var text = Samples.Shop.With(old, replacement);

        var result = ApplicationReader.Read(text);

        Assert.Null(result.Definition);
        Assert.Contains(result.Faults, fault => fault.Path.StartsWith(path, StringComparison.Ordinal) && fault.Detail.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_reported_in_the_order_of_the_file()
    {
        var text = Samples.Electricity
            .With("clock: event\n", "clock: never\n")
            .With("ttl: 2h", "ttl: soon")
            .With("{agg: last, field: transfer}", "{agg: last, field: x}")
            .With("type: logistic_regression", "type: magic")
            .With("metric: log_loss", "metric: luck");

        var result = ApplicationReader.Read(text);

        Assert.Equal(
            ["clock", "views[0].ttl", "views[0].features.transfer.field", "models[0].learner.type", "models[0].promotion.metric"],
            result.Faults.Select(fault => fault.Path));
    }

    [Fact]
    public void A_thing_at_fault_does_not_make_those_that_name_it_faults()
    {
        var text = Samples.Electricity.With("nswprice:  {type: float, range: [0, 1]}", "nswprice:  {type: floot, range: [0, 1]}");

        var fault = Assert.Single(ApplicationReader.Read(text).Faults);

        Assert.Equal("events[0].fields.nswprice.type", fault.Path);
    }

    [Fact]
    public void A_label_that_is_no_class_is_a_warning()
    {
        var result = ApplicationReader.Read(Samples.Electricity.With("above: UP}", "above: UPP}"));

        Assert.True(result.IsValid);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal(("unknown_label", "models[0].postprocess[0].threshold.above"), (warning.Code, warning.Path));
        Assert.Contains("Did you mean 'UP'?", warning.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_that_share_a_target_must_mean_the_same_by_it()
    {
        var model = "  - {name: other, entity: market, inputs: {x: {type: float}}, target: {name: up, type: regression, window: 2h}}\n";

        var result = ApplicationReader.Read(Samples.Electricity.With("replay:\n", model + "replay:\n"));

        Assert.Contains(result.Faults, fault => fault.Path == "models[1].target" && fault.Detail.Contains("share the target 'up'", StringComparison.Ordinal));
    }

    [Fact]
    public void The_name_rule_is_that_of_the_abstractions()
    {
        Assert.True(NameRule.IsName("a" + new string('b', 62)));
        Assert.False(NameRule.IsName("a" + new string('b', 63)));
        Assert.True(NameRule.IsName("a.b_c-9"));
        Assert.False(NameRule.IsName(""));
        Assert.False(NameRule.IsName("é"));
        Assert.False(NameRule.IsName("a\n"));
    }
}
