using System.Diagnostics;
using OrleansMl.Learning;

namespace OrleansMl.Declaration.Tests;

/// <summary>Trainers and retraining as an application file gives them.</summary>
public class RetrainDeclarationTests
{
    private const string Place = "    postprocess: [{threshold: {at: 0.5, below: DOWN, above: UP}}]\n";

    /// <summary>A trainer, the fault's code, its path below the trainer, and words of its detail.</summary>
    public static TheoryData<string, string, string, string> SpoiltTrainers => new()
    {
        { "{}", "missing_key", "", "'type'" },
        { "{type: ada_grad}", "unknown_trainer", ".type", "Did you mean 'adagrad'?" },
        { "{type: linear_regression}", "conflict", ".type", "does not learn binary targets" },
        { "{type: adagrad, params: {learningrate: 1}}", "unknown_key", ".params.learningrate", "Did you mean 'learningRate'?" },
        { "{type: adagrad, params: {epochs: 0}}", "out_of_range", ".params.epochs", "a whole number in [1, 1000]" },
        { "{type: adagrad, threads: 0}", "out_of_range", ".threads", "from 1 to 256" },
        { "{type: adagrad, command: [a]}", "conflict", ".command", "belongs to type: command" },
        { "{type: adagrad, memory: 1GiB}", "conflict", ".memory", "belongs to type: command" },
        { "{type: command}", "missing_key", "", "'command'" },
        { "{type: command, command: []}", "invalid_value", ".command", "is empty" },
        { "{type: command, command: [a], memory: 2GB}", "invalid_value", ".memory", "512MiB" },
        { "{type: command, command: [a], memory: 1025GiB}", "invalid_value", ".memory", "at most 1024GiB" },
        { "{type: command, command: [a], timeout: 0s}", "out_of_range", ".timeout", "longer than zero" },
        { "{type: command, command: [a], params: {x: [1]}}", "wrong_type", ".params.x", "not a parameter" },
        { "{type: command, command: [a], tune: {space: {x: [1, 2]}}}", "conflict", ".tune", "search its own" },
        { "{type: adagrad, tune: {}}", "missing_key", ".tune", "'space'" },
        { "{type: adagrad, tune: {space: {}}}", "invalid_value", ".tune.space", "at least one parameter of adagrad" },
        { "{type: adagrad, tune: {metric: rmse, space: {epochs: [1, 2]}}}", "conflict", ".tune.metric", "use log_loss" },
        { "{type: adagrad, tune: {method: grid, space: {epochs: [1, 2]}}}", "invalid_value", ".tune.method", "random, halving" },
        { "{type: adagrad, tune: {space: {maxLeaves: [1, 2]}}}", "unknown_key", ".tune.space.maxLeaves", "adagrad has no parameter" },
        { "{type: adagrad, params: {epochs: 2}, tune: {space: {epochs: [1, 2]}}}", "conflict", ".tune.space.epochs", "keep one of the two" },
        { "{type: adagrad, tune: {space: {epochs: {log: [1, 2]}}}}", "conflict", ".tune.space.epochs.log", "{int: [from, to]}" },
        { "{type: adagrad, tune: {space: {learningRate: {int: [1, 2]}}}}", "conflict", ".tune.space.learningRate.int", "{log: [from, to]}" },
        { "{type: adagrad, tune: {space: {learningRate: {log: [1]}}}}", "invalid_value", ".tune.space.learningRate.log", "There are 1 bounds" },
        { "{type: adagrad, tune: {space: {learningRate: {log: [1, 0.1]}}}}", "out_of_range", ".tune.space.learningRate.log[1]", "is not above 1" },
        { "{type: adagrad, tune: {space: {l2: {log: [0, 0.1]}}}}", "out_of_range", ".tune.space.l2.log[0]", "has no logarithm" },
        { "{type: adagrad, tune: {space: {learningRate: {uniform: [1, 101]}}}}", "out_of_range", ".tune.space.learningRate.uniform[1]", "a number in (0, 100]" },
        { "{type: adagrad, tune: {space: {epochs: [1, 1]}}}", "invalid_value", ".tune.space.epochs[1]", "keep one" },
        { "{type: adagrad, tune: {space: {epochs: []}}}", "invalid_value", ".tune.space.epochs", "There is no choice" },
        { "{type: adagrad, tune: {space: {epochs: 3}}}", "wrong_type", ".tune.space.epochs", "a list of choices" },
    };

    /// <summary>A retraining, the fault's code, its path below it, and words of its detail.</summary>
    public static TheoryData<string, string, string, string> SpoiltRetrainings => new()
    {
        { "{every: 1d}", "unknown_key", ".every", "window" },
        { "{window: 0s}", "out_of_range", ".window", "longer than zero" },
        { "{minRows: 1}", "out_of_range", ".minRows", "from 10" },
        { "{split: {test: 0.5, validation: 0.5}}", "out_of_range", ".split.test", "leave 0 of the rows" },
        { "{split: {validation: 0.8}}", "out_of_range", ".split.validation", "a tenth is left" },
        { "{split: {test: 0}}", "out_of_range", ".split.test", "0.01" },
        { "{split: {by: random, gap: 5}}", "conflict", ".split.gap", "split by time" },
        { "{validate: on}", "invalid_value", ".validate", "off" },
        { "{validate: {leakage: 0.4}}", "out_of_range", ".validate.leakage", "0.5" },
        { "{promote: always}", "invalid_value", ".promote", "auto, register" },
        { "{on: []}", "invalid_value", ".on", "There is no trigger" },
        { "{on: [{}]}", "missing_key", ".on[0]", "cron, outcomes, alarm" },
        { "{on: [{cron: \"@daily\", outcomes: 5}]}", "conflict", ".on[0].outcomes", "exclude each other" },
        { "{on: [{cron: \"0 3 * *\"}]}", "invalid_cron", ".on[0].cron", "five fields" },
        { "{on: [{cron: \"61 3 * * *\"}]}", "invalid_cron", ".on[0].cron", "between 0 and 59" },
        { "{on: [{cron: \"* * * * * *\"}]}", "invalid_cron", ".on[0].cron", "five fields" },
        { "{on: [{cron: \"H 3 * * *\"}]}", "invalid_cron", ".on[0].cron", "five fields" },
        { "{on: [{cron: \"@every_second\"}]}", "invalid_cron", ".on[0].cron", "@daily" },
        { "{on: [{cron: \"0 0 30 2 *\"}]}", "never_fires", ".on[0].cron", "L for the last day" },
        { "{on: [{cron: \"0 0 31 4,6 *\"}]}", "never_fires", ".on[0].cron", "never comes" },
        { "{on: [{cron: \"@daily\", timezone: Europe/Berln}]}", "unknown_timezone", ".on[0].timezone", "Did you mean 'Europe/Berlin'?" },
        { "{on: [{cron: \"@daily\", timezone: ../../etc/passwd}]}", "unknown_timezone", ".on[0].timezone", "There is no time zone" },
        { "{on: [{outcomes: 5, timezone: UTC}]}", "conflict", ".on[0].timezone", "belongs to cron" },
        { "{on: [{outcomes: 0}]}", "out_of_range", ".on[0].outcomes", "from 1" },
        { "{on: [{outcomes: 5}, {outcomes: 5}]}", "duplicate_trigger", ".on[1]", "outcomes:5" },
        { "{on: [{cron: \"0  3 * * *\"}, {cron: \"0 3 * * *\", timezone: UTC}]}", "duplicate_trigger", ".on[1]", "keep one" },
        { "{on: [{alarm: {monitors: [driftt]}}]}", "unknown_monitor", ".on[0].alarm.monitors[0]", "Did you mean 'drift'?" },
        { "{on: [{alarm: {monitors: []}}]}", "invalid_value", ".on[0].alarm.monitors", "all of them" },
        { "{on: [{alarm: {monitors: [drift, drift]}}]}", "invalid_value", ".on[0].alarm.monitors[1]", "keep one" },
    };

    public static TheoryData<string> Types => [.. TrainerFactory.Kinds.Where(kind => kind.Learns(2) && !kind.TakesPair).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(SpoiltTrainers))]
    public void One_fault_of_a_trainer_in_its_place_says_what_to_do(string trainer, string code, string path, string words) =>
        AssertFault(Read($"    trainer: {trainer}\n"), code, "models[0].trainer" + path, words);

    [Theory]
    [MemberData(nameof(SpoiltRetrainings))]
    public void One_fault_of_a_retraining_in_its_place_says_what_to_do(string retrain, string code, string path, string words) =>
        AssertFault(Read($"    retrain: {retrain}\n    monitors: [{{name: drift, on: score, detector: {{type: adwin}}}}]\n"), code, "models[0].retrain" + path, words);

    [Theory]
    [MemberData(nameof(Types))]
    public void A_trainer_is_read_by_name_with_each_of_its_parameters_given_or_searched_for(string type)
    {
        foreach (var parameter in TrainerFactory.Find(type)!.Parameters(2).Where(parameter => parameter.Name != "base"))
        {
            var (text, range) = parameter.Kind switch
            {
                ParameterKind.Flag => ("true", "[true, false]"),
                ParameterKind.Word => (parameter.Words[0], $"[{string.Join(", ", parameter.Words)}]"),
                ParameterKind.Integer => (FormattableString.Invariant($"{parameter.Min}"), FormattableString.Invariant($"{{int: [{parameter.Min}, {parameter.Min + 1}]}}")),
                _ => (FormattableString.Invariant($"{At(parameter, 0.5)}"), FormattableString.Invariant($"{{uniform: [{At(parameter, 0.5)}, {At(parameter, 0.75)}]}}")),
            };
            var given = Model($"    trainer: {{type: {type}, params: {{{parameter.Name}: {text}}}}}\n").Trainer!;
            Assert.Equal(type, given.Type);
            Assert.True(given.Params.ContainsKey(parameter.Name));
            var searched = Model($"    trainer: {{type: {type}, tune: {{space: {{{parameter.Name}: {range}}}}}}}\n").Trainer!.Tune!;
            Assert.Equal(parameter.Kind switch { ParameterKind.Integer => "int", ParameterKind.Number => "uniform", _ => "choice" }, searched.Space[parameter.Name].Kind);
        }

        static double At(LearnerParameter parameter, double share) => parameter.Min + (share * (Math.Min(parameter.Max, parameter.Min + 1) - parameter.Min));
    }

    /// <summary>A trainer, the pipeline of two texts and a number, and words of the fault.</summary>
    public static TheoryData<string, string, string> UnfitPipelines => new()
    {
        { "{type: gradient_boosted_trees}", "[{hash: {columns: [a, b]}}]", "the pipeline hashes a, b: use ordinal or one_hot instead of hash" },
        { "{type: gradient_boosted_trees}", "[{cross: {columns: [a, b]}}, {hash: {columns: categorical}}]", "the pipeline hashes a, b, a*b" },
        { "{type: command, command: [train], params: {base: matrix_factorization}}", "[{hash: {columns: [a, b]}}]", "is given dense features alone" },
        { "{type: matrix_factorization_als}", "[{hash: {columns: [a, b]}}]", "the pipeline gives 1 dense and 2 hashed ones (x, a, b)" },
        { "{type: matrix_factorization}", "[{hash: {columns: [a, b, x]}}]", "0 dense and 3 hashed ones (a, b, x)" },
        { "{type: bagging, params: {base: matrix_factorization}}", "[{hash: {columns: [a, b]}}]", "take factorization_machine" },
    };

    [Theory]
    [MemberData(nameof(UnfitPipelines))]
    public void A_trainer_that_cannot_learn_from_what_leaves_the_pipeline_is_refused_where_its_type_stands(string trainer, string pipeline, string words)
    {
        var text = OfTexts(pipeline, $"    trainer: {trainer}\n");
        var read = ApplicationReader.Read(text);
        AssertFault(read, "conflict", "models[0].trainer.type", words);
        var at = text.Split('\n')[read.Faults[0].Line - 1][(read.Faults[0].Column - 1)..];
        Assert.StartsWith(trainer["{type: ".Length..].Split(',', '}')[0], at, StringComparison.Ordinal);

        // What an earlier program admitted goes on, and its jobs are refused.
        var applied = ApplicationReader.ReadApplied(text);
        Assert.Empty(applied.Faults);
        Assert.Contains(words, Assert.Single(applied.Warnings, warning => warning.Path == "models[0].trainer.type").Detail, StringComparison.Ordinal);
        var model = applied.Definition!.Models[0];
        Assert.Contains(words, model.Encoded.WhyNot(model.Trainer!.Type, model.Trainer.Params), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{type: gradient_boosted_trees}", "[{ordinal: {columns: [a, b]}}]")]
    [InlineData("{type: factorization_machine}", "[{hash: {columns: [a, b]}}]")]
    [InlineData("{type: matrix_factorization_als, params: {factors: 3}}", "[{hash: {columns: [a, b]}}]", ", x: {type: float, required: true}")]
    [InlineData("{type: bagging, params: {base: matrix_factorization}}", "[{hash: {columns: [b, a]}}]", ", x: {type: float, required: true}")]
    [InlineData("{type: command, command: [train]}", "[{one_hot: {columns: [a, b]}}]")]
    public void What_can_be_learned_from_is_not_refused(string trainer, string pipeline, string? without = null)
    {
        var text = OfTexts(pipeline, $"    trainer: {trainer}\n");
        Assert.Empty(ApplicationReader.Read(without is null ? text : text.With(without, "")).Faults);
    }

    [Fact]
    public void The_columns_that_leave_the_pipeline_are_known_and_no_part_of_what_was_written()
    {
        var read = ApplicationReader.Read(OfTexts("[{one_hot: {columns: [a], categories: [u, v]}}, {hash: {columns: [b]}}]", ""));
        var model = read.Definition!.Models[0];
        Assert.Equal(["a=u", "a=v", "x"], model.Encoded.Dense.AsEnumerable());
        Assert.Equal(["b"], model.Encoded.Hashed.AsEnumerable());
        Assert.DoesNotContain("Encoded", System.Text.Json.JsonSerializer.Serialize(model), StringComparison.Ordinal);
        Assert.Equal(["a", "b"], ApplicationReader.Read(OfTexts("[{impute: {columns: [x]}}]", "")).Definition!.Models[0].Encoded.Texts.AsEnumerable());
    }

    private static string OfTexts(string pipeline, string keys) => $$$"""
        apiVersion: orleansml/v1
        kind: Application
        name: texts
        entities: [{name: client}]
        models:
          - name: m
            entity: client
            inputs: {a: {type: string, required: true}, b: {type: string, required: true}, x: {type: float, required: true}}
            pipeline: {{{pipeline}}}
            target: {name: y, type: binary, window: 1h}

        """ + keys;

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var model = Model("    trainer: {type: adagrad, tune: {space: {learningRate: {log: [0.01, 0.3]}}}}\n    retrain: {}\n");
        var (trainer, retrain) = (model.Trainer!, model.Retrain!);
        Assert.Equal((1, 1, 0, null, null), (trainer.Seed, trainer.Threads, trainer.Command.Length, trainer.Timeout, trainer.MemoryBytes));
        Assert.Equal(("random", 20, null, "log_loss", 3), (trainer.Tune!.Method, trainer.Tune.Trials, trainer.Tune.Seconds, trainer.Tune.Metric, trainer.Tune.Folds));
        Assert.Equal(new TuneRangeDefinition("log", 0.01, 0.3, []), trainer.Tune.Space["learningRate"]);
        Assert.Equal((null, 500, false, 0.2, 0.2, 0, true, 0), (retrain.Window, retrain.MinRows, retrain.RandomSplit, retrain.ValidationShare, retrain.TestShare, retrain.SplitGap, retrain.Promotes, retrain.On.Length));
        Assert.Equal(new ValidateDefinition(), retrain.Validate);
        Assert.Null(Model("    retrain: {validate: off}\n").Retrain!.Validate);
        var none = Samples.Read(Samples.Electricity).Models[0];
        Assert.Equal((null, null), (none.Trainer, none.Retrain));
    }

    [Fact]
    public void All_of_it_is_read()
    {
        var model = Model("""
                trainer: {type: command, command: [python3, train.py], timeout: 30m, memory: 2GiB, seed: 7, threads: 4, params: {depth: 3, fast: true, name: x}}
                monitors: [{name: drift, on: score, detector: {type: adwin}}]
                retrain:
                  window: 30d
                  minRows: 50
                  split: {by: time, validation: 0.1, test: 0.3, gap: 10}
                  validate: {leakage: 0.99, missing: 0.4, skew: 0.3, duplicates: 0.2, balance: 0.05}
                  promote: register
                  on:
                    - cron: "0 3 * * MON-FRI"
                      timezone: Europe/Berlin
                    - outcomes: 5000
                    - alarm: {monitors: [drift], cooldown: 6h}
                    - alarm: {}

            """);
        var (trainer, retrain) = (model.Trainer!, model.Retrain!);
        Assert.Equal(["python3", "train.py"], trainer.Command.AsEnumerable());
        Assert.Equal((TimeSpan.FromMinutes(30), 2L << 30, 7, 4), (trainer.Timeout, trainer.MemoryBytes, trainer.Seed, trainer.Threads));
        Assert.Equal((3.0, true, "x"), ((double)trainer.Params["depth"], (bool)trainer.Params["fast"], (string)trainer.Params["name"]));
        Assert.Equal((TimeSpan.FromDays(30), 50, 0.1, 0.3, 10, false), (retrain.Window, retrain.MinRows, retrain.ValidationShare, retrain.TestShare, retrain.SplitGap, retrain.Promotes));
        Assert.Equal(new ValidateDefinition { Leakage = 0.99, Missing = 0.4, Skew = 0.3, Duplicates = 0.2, Balance = 0.05 }, retrain.Validate);
        Assert.Equal(["cron:0 3 * * MON-FRI@Europe/Berlin", "outcomes:5000", "alarm:drift", "alarm:*"], retrain.On.Select(trigger => trigger.Key));
        Assert.Equal((TimeSpan.FromHours(6), TimeSpan.FromHours(1)), (retrain.On[2].Alarm!.Cooldown, retrain.On[3].Alarm!.Cooldown));
    }

    [Fact]
    public void A_fault_says_its_line_and_column()
    {
        const string Retrain = "    retrain:\n      on:\n        - cron: \"0 0 30 2 *\"\n";
        var lines = Samples.Electricity.With(Place, Place + Retrain).Split('\n');
        var fault = Assert.Single(Read(Retrain).Faults);
        Assert.Equal("        - cron: \"0 0 30 2 *\"", lines[fault.Line - 1]);
        Assert.Equal(17, fault.Column);
    }

    [Fact]
    public void A_trainer_needs_a_target_and_a_retraining_something_to_fit()
    {
        string Text(string keys) => $"apiVersion: orleansml/v1\nkind: Application\nname: a\nmodels: [{{name: m, inputs: {{x: {{type: float, required: true}}}}, {keys}}}]\n";
        AssertFault(ApplicationReader.Read(Text("trainer: {type: adagrad}")), "missing_key", "models[0].trainer", "needs the key 'target'");
        AssertFault(ApplicationReader.Read(Text("retrain: {}")), "missing_key", "models[0].retrain", "'trainer' or 'learner'");
    }

    [Fact]
    public void Columns_are_encoded_and_have_a_stand_in_unless_the_trainer_takes_what_is_missing()
    {
        string Text(string columns, string trainer) => $"""
            apiVersion: orleansml/v1
            kind: Application
            name: a
            entities: [{"{"}name: e{"}"}]
            models: [{"{"}name: m, entity: e, inputs: {"{"}{columns}{"}"}, target: {"{"}name: t, type: binary, window: 1h{"}"}, trainer: {trainer}{"}"}]
            """;
        AssertFault(ApplicationReader.Read(Text("x: {type: string}", "{type: adagrad}")), "not_encoded", "models[0].trainer", "'x' holds texts");
        AssertFault(ApplicationReader.Read(Text("x: {type: string}", "{type: command, command: [a]}")), "not_encoded", "models[0].trainer", "one_hot or hash");
        AssertFault(ApplicationReader.Read(Text("", "{type: adagrad}")), "no_columns", "models[0].trainer", "give the model 'inputs'");
        Assert.Equal("may_be_missing", Assert.Single(ApplicationReader.Read(Text("x: {type: float}", "{type: adagrad}")).Warnings).Code);
        Assert.Empty(ApplicationReader.Read(Text("x: {type: float}", "{type: command, command: [a]}")).Warnings);
        foreach (var kind in TrainerFactory.Kinds.Where(kind => kind.TakesMissing && kind.Learns(2)))
            Assert.Empty(ApplicationReader.Read(Text("x: {type: float}", $"{{type: {kind.Name}}}")).Warnings);
    }

    [Fact]
    public void A_live_learner_answers_itself_so_a_retraining_only_registers()
    {
        const string Live = "serve: live";
        AssertFault(ApplicationReader.Read(Samples.Electricity.With("serve: promoted", Live).With(Place, Place + "    retrain: {promote: auto}\n")), "conflict", "models[0].retrain.promote", "promote: register");
        Assert.False(Samples.Read(Samples.Electricity.With("serve: promoted", Live).With(Place, Place + "    retrain: {}\n")).Models[0].Retrain!.Promotes);
    }

    [Fact]
    public void An_alarm_needs_a_monitor_and_one_that_is_at_fault_is_not_reported_twice()
    {
        AssertFault(Read("    retrain: {on: [{alarm: {}}]}\n"), "conflict", "models[0].retrain.on[0].alarm", "give it 'monitors'");
        AssertFault(Read("    retrain: {on: [{alarm: {monitors: [m]}}]}\n    monitors: [{name: m, on: scor, detector: {type: adwin}}]\n"), "invalid_value", "models[0].monitors[0].on", "score");
    }

    [Theory]
    [InlineData("trainer: {type: adagrad, params: {epochs: 2}}", "trainer: {type: ftrl, params: {epochs: 2}}", "trainer.type: adagrad → ftrl")]
    [InlineData("retrain: {window: 30d, on: [{cron: \"@daily\"}]}", "retrain: {window: 7d, on: [{cron: \"@weekly\"}]}", "retrain.window: 30d → 7d; retrain.on[0].cron: @daily → @weekly")]
    [InlineData("retrain: {split: {test: 0.3}}", "retrain: {split: {test: 0.4}}", "retrain.split.test: 0.3 → 0.4")]
    public void A_change_of_trainer_or_retraining_keeps_what_was_learned(string before, string after, string words)
    {
        var difference = ApplicationDiff.Compare(Read($"    {before}\n").Definition!, Read($"    {after}\n").Definition!);
        Assert.False(difference.IsIncompatible);
        var change = Assert.Single(difference.Changes, change => change.Action != "none");
        Assert.Equal(("update", "model", "electricity", true), (change.Action, change.Kind, change.Name, change.KeepsState));
        Assert.Contains(words, change.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_full_of_times_that_never_come_is_read_quickly()
    {
        var on = string.Join(", ", Enumerable.Range(0, 16).Select(hour => $"{{cron: \"0 {hour} 30 2 *\", timezone: Europe/Berlin}}"));
        var clock = Stopwatch.StartNew();
        Assert.Equal(16, Read($"    retrain: {{on: [{on}]}}\n").Faults.Length);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");
    }

    private static void AssertFault(ReadResult read, string code, string path, string words)
    {
        var fault = Assert.Single(read.Faults);
        Assert.Equal((code, path), (fault.Code, fault.Path));
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
    }

    private static ModelDefinition Model(string keys)
    {
        var read = Read(keys);
        Assert.Empty(read.Faults);
        return read.Definition!.Models[0];
    }

    private static ReadResult Read(string keys) => ApplicationReader.Read(Samples.Electricity.With(Place, Place + keys));
}
