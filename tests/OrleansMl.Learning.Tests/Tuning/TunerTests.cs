using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Testing;

namespace OrleansMl.Learning.Tests.Tuning;

public sealed class TunerTests
{
    private static readonly SearchSpace s_space = SearchSpace.Create(TrainerFactory.Find("logistic_regression")!, 2, SearchSpaceTests.Ranges(("learningRate", SearchRange.LogUniform(1e-3, 10))));

    /// <summary>Table 1 of Li et al. (Hyperband, JMLR 2018), R = 81, η = 3: the brackets s = 4 and s = 3 by their own counts.</summary>
    [Theory]
    [InlineData(81, 1e-9, "81@1/81 27@1/27 9@1/9 3@1/3 1@1/1")]
    [InlineData(27, 1e-9, "27@1/27 9@1/9 3@1/3 1@1/1")]
    [InlineData(20, 1e-9, "20@1/9 6@1/3 2@1/1")]
    [InlineData(81, 1.0 / 9, "81@1/9 27@1/3 9@1/1")]
    [InlineData(2, 1e-9, "2@1/1")]
    [InlineData(1, 1, "1@1/1")]
    public void Halving_spends_alike_on_every_rung(int trials, double leastShare, string rungs)
    {
        var tuner = new Tuner(s_space, new RateObjective { LeastShare = leastShare }, new TuningOptions { Method = TuningMethod.Halving, Trials = trials });
        Assert.Equal(rungs, string.Join(' ', tuner.Rungs.Select(rung => $"{rung.Trials}@1/{Math.Round(1 / rung.Share)}")));
    }

    [Fact]
    public void Random_search_scores_every_set_with_the_whole_resource()
    {
        var objective = new RateObjective();
        var report = new Tuner(s_space, objective, new TuningOptions { Trials = 12, Seed = 4 }).Run([], null, null, default);
        Assert.Equal(12, report.Trials.Length);
        Assert.All(report.Trials, trial => Assert.Equal((TrialState.Completed, 1.0, 2), (trial.State, Assert.Single(trial.Rungs).Share, trial.Rungs[0].Scores.Length)));
        Assert.Equal(24, objective.Asked.Count);
        var best = report.Trials.MinBy(trial => Math.Abs(Math.Log((double)trial.Parameters["learningRate"] / 0.3)))!;
        Assert.Equal(best.Number, report.Best!.Number);
        Assert.Equal(best.Parameters, report.BestParameters());
        Assert.Equal(Math.Abs(Math.Log((double)best.Parameters["learningRate"] / 0.3)) + 0.05, best.Score!.Value, 1e-12);
    }

    [Fact]
    public void Halving_gives_the_best_third_three_times_as_much_and_says_why_the_rest_ended()
    {
        var objective = new RateObjective { Folds = 1 };
        var report = new Tuner(s_space, objective, new TuningOptions { Method = TuningMethod.Halving, Trials = 27, Seed = 4 }).Run([], null, null, default);
        Assert.Equal([27, 9, 3, 1], objective.Asked.GroupBy(asked => asked.Share).OrderBy(group => group.Key).Select(group => group.Count()));
        Assert.Equal([(1, TrialState.Pruned, 18), (2, TrialState.Pruned, 6), (3, TrialState.Pruned, 2), (4, TrialState.Completed, 1)],
            report.Trials.GroupBy(trial => (trial.Rungs.Length, trial.State)).OrderBy(group => group.Key.Length).Select(group => (group.Key.Length, group.Key.State, group.Count())));
        Assert.Equal("not among the best 9 of 27 with 3.7 % of the resource", report.Trials.First(trial => trial.Rungs.Length == 1).Reason);
        Assert.Equal(report.Trials.MinBy(trial => Math.Abs(Math.Log((double)trial.Parameters["learningRate"] / 0.3)))!.Number, report.Best!.Number);
    }

    [Fact]
    public void Halving_finds_what_random_search_finds_where_less_of_the_resource_keeps_the_order()
    {
        Prop.ForAll(Options(60).ToArbitrary(), options =>
        {
            var whole = new Tuner(s_space, new RateObjective(), options with { Method = TuningMethod.Random }).Run([], null, null, default);
            var halved = new Tuner(s_space, new RateObjective(), options with { Method = TuningMethod.Halving }).Run([], null, null, default);
            return whole.Best!.Number == halved.Best!.Number;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
    }

    [Fact]
    public void Of_a_metric_that_is_better_when_higher_the_highest_wins()
    {
        var objective = new RateObjective { Metric = TuningMetric.Find("roc_auc", 2), ScoreOf = rate => rate };
        var report = new Tuner(s_space, objective, new TuningOptions { Method = TuningMethod.Halving, Trials = 9 }).Run([], null, null, default);
        Assert.Equal(report.Trials.Max(trial => (double)trial.Parameters["learningRate"]), (double)report.BestParameters()["learningRate"]);
    }

    [Fact]
    public void A_trial_that_fails_is_no_failed_search()
    {
        var report = new Tuner(s_space, new RateObjective { Fails = rate => rate > 0.2 }, new TuningOptions { Trials = 20 }).Run([], null, null, default);
        Assert.All(report.Trials, trial => Assert.Equal((double)trial.Parameters["learningRate"] > 0.2, trial.State == TrialState.Failed));
        Assert.Contains(report.Trials, trial => trial.State == TrialState.Failed && trial.Reason!.EndsWith("fails", StringComparison.Ordinal) && trial.Score is null);
        Assert.True((double)report.BestParameters()["learningRate"] <= 0.2);
    }

    [Fact]
    public void A_search_without_any_score_says_why_the_first_failed()
    {
        var report = new Tuner(s_space, new RateObjective { Fails = _ => true }, new TuningOptions { Trials = 3 }).Run([], null, null, default);
        Assert.StartsWith("All 3 trials of logistic_regression failed; the first: rate ", Assert.Throws<LearnerException>(() => report.BestParameters()).Message, StringComparison.Ordinal);
        var undefined = new Tuner(s_space, new RateObjective { ScoreOf = _ => double.NaN }, new TuningOptions { Trials = 1 }).Run([], null, null, default);
        Assert.Equal("log_loss is not defined on fold 1: its test rows are too few, or of one class.", undefined.Trials[0].Reason);
    }

    [Fact]
    public void After_its_seconds_no_evaluation_is_begun_and_the_best_so_far_counts()
    {
        var clock = new ManualTime();
        var objective = new RateObjective { OnFold = () => clock.Advance(1000) };
        var report = new Tuner(s_space, objective, new TuningOptions { Trials = 50, Seconds = 7 }, clock).Run([], null, null, default);
        Assert.Equal(4, report.Trials.Length);
        Assert.True(report.IsOutOfTime);
        Assert.All(report.Trials, trial => Assert.Equal(2, trial.Seconds));
        Assert.NotNull(report.Best);

        // The seconds of an earlier run count.
        var more = new Tuner(s_space, objective, new TuningOptions { Trials = 50, Seconds = 11 }, clock).Run(report.Trials, null, null, default);
        Assert.Equal(6, more.Trials.Length);

        var halved = new Tuner(s_space, objective, new TuningOptions { Method = TuningMethod.Halving, Trials = 27, Seconds = 60 }, clock).Run([], null, null, default);
        Assert.Equal(2, halved.Best!.Rungs.Length);
        Assert.DoesNotContain(halved.Trials, trial => trial.State is TrialState.Open or TrialState.Completed);
        Assert.Contains(halved.Trials, trial => trial.Reason == "the 60 s of the search were up");
    }

    [Fact]
    public void A_search_cut_anywhere_goes_on_as_if_nothing_had_happened()
    {
        var cases = from options in Options(30) from cutAt in Gen.Choose(0, 90) select (options, cutAt);
        Prop.ForAll(cases.ToArbitrary(), one => GoesOn(one.options, one.cutAt)).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static bool GoesOn(TuningOptions options, int cutAt)
    {
        var clock = new ManualTime();
        Func<double, bool> fails = rate => (int)(rate * 1e6) % 5 == 0;
        var whole = new Tuner(s_space, new RateObjective { Fails = fails }, options, clock).Run([], null, null, default);

        using var source = new CancellationTokenSource();
        var calls = 0;
        var kept = new Dictionary<int, TuningTrial>();
        var cut = new RateObjective
        {
            Fails = fails,
            OnFold = () =>
            {
                if (calls++ == cutAt)
                    source.Cancel();
            },
        };
        try
        {
            new Tuner(s_space, cut, options, clock).Run([], trial => kept[trial.Number] = trial, null, source.Token);
        }
        catch (OperationCanceledException)
        {
            // What was told is all that is left.
        }

        var stored = TuningReport.FromJson(new TuningReport("logistic_regression", "log_loss", false, options, [.. kept.Values], false).ToJson());
        var rest = new RateObjective { Fails = fails };
        var resumed = new Tuner(s_space, rest, options, clock).Run(stored.Trials, null, null, default);

        // At most the evaluation that was running is done again.
        return resumed.ToJson() == whole.ToJson() && cut.Asked.Count + rest.Asked.Count <= Evaluations(whole) + 2;
    }

    [Fact]
    public void Trials_of_another_search_are_refused()
    {
        var report = new Tuner(s_space, new RateObjective(), new TuningOptions { Trials = 3, Seed = 1 }).Run([], null, null, default);
        Assert.StartsWith("Trial 1 is not of this search", Refused(new TuningOptions { Trials = 3, Seed = 2 }), StringComparison.Ordinal);
        Assert.StartsWith("Trial 0 is not of this search", Refused(new TuningOptions { Trials = 9, Seed = 1, Method = TuningMethod.Halving }), StringComparison.Ordinal);
        Assert.StartsWith("Trial 2 is not of this search", Refused(new TuningOptions { Trials = 2, Seed = 1 }), StringComparison.Ordinal);

        string Refused(TuningOptions options) => Assert.Throws<ArgumentException>(() => new Tuner(s_space, new RateObjective(), options).Run(report.Trials, null, null, default)).Message;
    }

    [Fact]
    public void Progress_ends_at_the_whole()
    {
        var heard = new List<double>();
        new Tuner(s_space, new RateObjective(), new TuningOptions { Method = TuningMethod.Halving, Trials = 9 }).Run([], null, new Heard(heard), default);
        Assert.Equal(heard.Order(), heard);
        Assert.Equal(1, heard[^1], 1e-9);
    }

    [Fact]
    public void Json_says_every_trial_and_refuses_what_it_does_not_know()
    {
        var trial = new TuningTrial(0, ImmutableSortedDictionary<string, object>.Empty.Add("a", 0.25).Add("b", true).Add("c", "word"), TrialState.Pruned, [new TrialRung(1.0 / 3, [0.5, 0.75], 2)], "why");
        var report = new TuningReport("t", "log_loss", false, new TuningOptions { Method = TuningMethod.Halving, Trials = 4, Seconds = 9, Seed = 3 }, [trial], true);
        const string Json = """{"version":1,"trainer":"t","metric":"log_loss","direction":"min","method":"halving","trialsAsked":4,"secondsAsked":9,"seed":3,"outOfTime":true,"best":0,"trials":[{"number":0,"state":"pruned","parameters":{"a":0.25,"b":true,"c":"word"},"score":0.625,"rungs":[{"share":0.3333333333333333,"scores":[0.5,0.75],"seconds":2}],"reason":"why"}]}""";
        Assert.Equal(Json, report.ToJson());
        Assert.Equal(Json, TuningReport.FromJson(Json).ToJson());
        Assert.Contains("version 2 cannot be read", Assert.Throws<LearnerException>(() => TuningReport.FromJson("{\"version\":2}")).Message, StringComparison.Ordinal);
        Assert.Contains("is no search of parameters", Assert.Throws<LearnerException>(() => TuningReport.FromJson("[]")).Message, StringComparison.Ordinal);
    }

    private static Gen<TuningOptions> Options(int most) =>
        from seed in Gen.Choose(int.MinValue, int.MaxValue)
        from trials in Gen.Choose(1, most)
        from halving in Gen.Elements(true, false)
        select new TuningOptions { Method = halving ? TuningMethod.Halving : TuningMethod.Random, Trials = trials, Seed = seed };

    private static int Evaluations(TuningReport report) => report.Trials.Sum(trial => (trial.Rungs.Length * 2) + (trial.State == TrialState.Failed ? 1 : 0));

    private sealed class Heard(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
