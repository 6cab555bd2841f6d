using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Training.Tests.External;

namespace OrleansMl.Training.Tests.Work;

/// <summary>Validation, tuning and programs as steps of a training.</summary>
public sealed class TrainingWorkTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    private static TuneDefinition Tune { get; } = new()
    {
        Method = "halving",
        Trials = 9,
        Metric = "log_loss",
        Folds = 2,
        Space = ImmutableSortedDictionary<string, TuneRangeDefinition>.Empty.Add("learningRate", new("log", 1e-6, 1, [])).Add("adaptive", new("choice", 0, 0, [true, false])),
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_leaks_stops_the_work_before_anything_is_fitted()
    {
        var plan = _folder.Plan(text: (_, label) => label == 1 ? "won" : "lost");
        Assert.Equal(WorkWords.FailedExitCode, _folder.Run(plan with { Validate = new ValidateDefinition() }));
        Assert.Equal(DataWork.Code, _folder.Failure!.Code);
        Assert.StartsWith("Column 't' alone tells target 'up' with an area under the ROC curve of 1,", _folder.Failure.Detail, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.Path, TrainingWork.PipelineFile)));
        Assert.Contains(DataReport.FromJson(_folder.Text(DataWork.ReportFile)).Findings, finding => finding.Check == DataChecks.Leakage);

        // Off, or with another limit, it is trained.
        Assert.Equal(0, _folder.Run(plan with { Validate = null }));
        Assert.Equal(0, _folder.Run(plan with { Validate = new ValidateDefinition { Leakage = 1 } }));
    }

    [Fact]
    public void What_is_odd_is_a_warning_unless_the_model_states_a_limit()
    {
        var plan = _folder.Plan(text: (x, _) => x > -0.5 ? null : "low");
        Assert.Equal(0, _folder.Run(plan with { Validate = new ValidateDefinition(), Ranges = [new ColumnRange("noise", 0, 0.5)] }));
        Assert.Contains("OML_WARNING Column 't' is missing in 7", _folder.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("OML_WARNING Column 'noise' is outside its declared range [0, 0.5]", _folder.Output.ToString(), StringComparison.Ordinal);
        Assert.Equal(WorkWords.FailedExitCode, _folder.Run(plan with { Validate = new ValidateDefinition { Missing = 0.5 } }));
        Assert.StartsWith("Column 't' is missing in 7", _folder.Failure!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_search_comes_before_the_fit_and_its_best_parameters_are_those_of_the_model()
    {
        var plan = _folder.Plan(rows: 1200) with { Tune = Tune };
        Assert.Equal(0, _folder.Run(plan));
        var report = TuningReport.FromJson(_folder.Text(TuningWork.ReportFile));
        Assert.Equal(9, report.Trials.Length);
        Assert.Equal(report.BestParameters(), TrainingWork.TunedParameters(_folder.Path));
        Assert.Equal(3.0, report.BestParameters()["epochs"]);
        Assert.Null(TrainingWork.Next(_folder.Path, plan));
        Assert.Contains("OML_STEP tune", _folder.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Trial 0: log_loss 0.", _folder.Output.ToString(), StringComparison.Ordinal);

        var tuned = _folder.Bytes(TrainingWork.CoreFile);
        _folder.Next("2");
        Assert.Equal(0, _folder.Run(plan with { Tune = null, Parameters = report.BestParameters() }));
        Assert.Equal(tuned, _folder.Bytes(TrainingWork.CoreFile));
    }

    [Fact]
    public void A_search_that_was_cut_goes_on_in_the_next_attempt_with_the_next_trial()
    {
        var plan = _folder.Plan(rows: 1200) with { Tune = Tune };
        Assert.Equal(0, _folder.Run(plan));
        var whole = TuningReport.FromJson(_folder.Text(TuningWork.ReportFile));
        _folder.Next("2");

        // As a kill after the fourth evaluation leaves it: the journal names a file with the trials, and the search is not done.
        var journal = WorkJournal.Open(_folder.Path);
        var input = WorkJournal.HashOf(plan.Hash(), journal.HashOf(TrainingWork.Fit, TrainingWork.PipelineFile));
        File.WriteAllText(Path.Combine(_folder.Path, "trials-4.json"), (whole with { Trials = [.. whole.Trials.Take(4).Select(trial => trial with { State = TrialState.Open, Rungs = trial.Rungs[..1], Reason = null })] }).ToJson());
        journal.Add("trials", input, "trials-4.json");
        journal.Add(TrainingWork.Tune, "cut off", TuningWork.ReportFile);
        Assert.Equal(TrainingWork.Tune, TrainingWork.Next(_folder.Path, plan));
        Assert.Equal(0, _folder.Run(plan));
        Assert.Contains("The search goes on after 4 trials.", _folder.Output.ToString(), StringComparison.Ordinal);
        var resumed = TuningReport.FromJson(_folder.Text(TuningWork.ReportFile));
        Assert.Equal(whole.Trials.Select(Shape), resumed.Trials.Select(Shape));
        Assert.Equal(whole.Trials.Take(4).Select(trial => trial.Rungs[0].Seconds), resumed.Trials.Take(4).Select(trial => trial.Rungs[0].Seconds));

        static string Shape(TuningTrial trial) => $"{trial.Number} {trial.State} {trial.Score} {trial.Rungs.Length}";
    }

    [Fact]
    public void A_search_over_what_the_trainer_does_not_have_cannot_train()
    {
        var tune = Tune with { Space = ImmutableSortedDictionary<string, TuneRangeDefinition>.Empty.Add("rate", new("log", 1e-6, 1, [])) };
        Assert.Equal(WorkWords.FailedExitCode, _folder.Run(_folder.Plan() with { Tune = tune }));
        Assert.Equal("cannot_train", _folder.Failure!.Code);
        Assert.StartsWith("logistic_regression has no parameter 'rate' to search for", _folder.Failure.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_program_trains_in_the_place_of_a_trainer_and_its_model_is_judged_and_served_as_a_core_graph()
    {
        Skip.IfNot(File.Exists(ScikitLearn.Python), "there is no python3");
        var plan = _folder.Plan(rows: 1000) with
        {
            Trainer = CommandTrainer.Type,
            Parameters = ImmutableSortedDictionary<string, object>.Empty.Add("epochs", 20.0),
            Command = new CommandPlan([ScikitLearn.Python, TrainerFixture.Sample("plain")], 120, null),
        };
        Assert.True(_folder.Run(plan) == 0, _folder.Failure?.Detail);
        var pipeline = FittedPipeline.FromJson(_folder.Text(TrainingWork.PipelineFile));
        using var core = CoreModel.Load(_folder.Bytes(TrainingWork.CoreFile));
        Assert.Equal(pipeline.DenseCount, core.FeatureCount);
        var test = NumberTable.Read(Path.Combine(_folder.Path, TrainingWork.TestFile));
        Assert.Equal(200, test.Count);
        Assert.InRange(test[TrainingWork.ScoreColumn].Zip(test[TrainingWork.LabelColumn], (score, label) => score >= 0.5 == (label == 1) ? 1.0 : 0).Average(), 0.84, 1);
        Assert.Contains("OML_METRIC trainer.loss 0.", _folder.Output.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "command")));
    }

    [Fact]
    public void A_program_s_lines_are_not_taken_for_the_work_s_own_and_its_fault_is_the_work_s()
    {
        var plan = _folder.Plan() with { Trainer = CommandTrainer.Type, Command = new CommandPlan(["/bin/sh", "-c", "echo OML_STEP train; echo no rows >&2; exit 5"], 60, null) };
        Assert.Equal(WorkWords.FailedExitCode, _folder.Run(plan));
        Assert.Equal(ProcessCodes.CommandFailed, _folder.Failure!.Code);
        Assert.Contains("no rows", _folder.Failure.Detail, StringComparison.Ordinal);
        var lines = _folder.Output.ToString().Split('\n');
        Assert.Contains("trainer: OML_STEP train", lines);
        Assert.DoesNotContain("OML_STEP train", lines);
    }
}
