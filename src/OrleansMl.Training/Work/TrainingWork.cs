using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// Carries out the plan that lies in a folder, step by step; what a journal there says is done on the same inputs is not done again.
/// <c>fit</c> validates the rows and gives the pipeline, <c>tune</c>, where it is asked for, the parameters, <c>train</c> the two ONNX files and what the model says of the rows it did not see, <c>judge</c>,
/// where it is asked for, the figures.
/// </summary>
public sealed class TrainingWork(string folder, TextWriter output)
{
    /// <summary>Names of the steps, in order.</summary>
    public const string Fit = "fit";
    public const string Tune = "tune";
    public const string Train = "train";
    public const string Judge = "judge";

    /// <summary>Files of <see cref="Fit"/> and <see cref="Train"/>.</summary>
    public const string PipelineFile = "pipeline.json";
    public const string FullFile = "full.onnx";
    public const string CoreFile = "core.onnx";
    public const string TestFile = "test.bin";
    public const string ValidationFile = "validation.bin";

    /// <summary>
    /// Columns of <see cref="TestFile"/> and <see cref="ValidationFile"/>: the model's score of each row (of more than two classes as
    /// <see cref="ClassAnswerColumns"/> writes it), and its label.
    /// </summary>
    public const string ScoreColumn = "score";
    public const string LabelColumn = "label";

    /// <summary>How far the whole is when parameters have been searched for.</summary>
    private const double TuneEnd = 0.75;

    private readonly WorkJournal _journal = WorkJournal.Open(folder);
    private LabelledRow[]? _rows;
    private RowSplit? _split;

    /// <summary>The first step of a plan that is not done, or not whole, in a folder; null: all is.</summary>
    public static string? Next(string folder, TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var (journal, input) = (WorkJournal.Open(folder), plan.Hash());
        if (!journal.Holds(Fit, input))
            return Fit;
        input = WorkJournal.HashOf(input, journal.HashOf(Fit, PipelineFile));
        if (plan.Tune is not null && !journal.Holds(Tune, input))
            return Tune;
        return journal.Holds(Train, TrainInput(plan, journal, input)) ? null : Train;
    }

    /// <summary>The parameters that a search in a folder has found; null: there was none.</summary>
    public static ImmutableSortedDictionary<string, object>? TunedParameters(string folder)
    {
        var file = Path.Combine(folder, TuningWork.ReportFile);
        return File.Exists(file) ? TuningReport.FromJson(File.ReadAllText(file)).BestParameters() : null;
    }

    /// <summary>Answers with the exit code: 0, or <see cref="WorkWords.FailedExitCode"/> with a <see cref="WorkFailure"/> beside the plan.</summary>
    public int Run(CancellationToken cancellationToken)
    {
        try
        {
            RunPlan(TrainingPlan.Read(folder), cancellationToken);
            RunJudge(cancellationToken);
            return 0;
        }
        catch (Exception exception) when (exception is LearnerException or PipelineException)
        {
            return Fail("cannot_train", exception.Message);
        }
        catch (CommandTrainerException exception)
        {
            return Fail(exception.Code, exception.Message);
        }
        catch (WorkException exception)
        {
            return Fail(exception.Code, exception.Message);
        }
        catch (InvalidDataException exception)
        {
            return Fail("rows_damaged", exception.Message);
        }
        catch (ArgumentException exception) when (exception.TargetSite?.DeclaringType?.Assembly == typeof(OnnxExporter).Assembly)
        {
            return Fail("export_failed", exception.Message);
        }
    }

    private void RunPlan(TrainingPlan plan, CancellationToken cancellationToken)
    {
        var input = plan.Hash();
        if (!_journal.Holds(Fit, input))
        {
            var (rows, split) = Rows(plan);
            if (plan.Validate is not null)
                DataWork.Check(plan, rows, Served(plan), At(DataWork.ReportFile), output, cancellationToken);
            Row[] train = [.. split.Train.Select(row => rows[row].Row)];
            var fitted = PlanPipeline.Fit(plan, train);
            foreach (var warning in fitted.Warnings)
                output.WriteLine(WorkWords.Warning(warning));
            File.WriteAllText(At(PipelineFile), fitted.ToJson());
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The pipeline is fitted on {train.Length} rows: {fitted.DenseCount} dense and {fitted.HashedCount} hashed features."));
            Done(Fit, input, 0.15, PipelineFile);
        }

        input = WorkJournal.HashOf(input, _journal.HashOf(Fit, PipelineFile));
        if (plan.Tune is { } tune && !_journal.Holds(Tune, input))
        {
            var (rows, split) = Rows(plan);
            int[] known = [.. split.Train.Concat(split.Validation).OrderBy(row => rows[row].Made).ThenBy(row => row)];
            new TuningWork(folder, plan, tune, _journal, output).Run(rows, known, input, new Share(output, 0.15, TuneEnd), cancellationToken);
            Done(Tune, input, TuneEnd, TuningWork.ReportFile);
        }

        input = TrainInput(plan, _journal, input);
        if (!_journal.Holds(Train, input))
        {
            TrainModel(plan, FittedPipeline.FromJson(File.ReadAllText(At(PipelineFile))), cancellationToken);
            Done(Train, input, 1, FullFile, CoreFile, TestFile, ValidationFile, TrainedImportances.FileName);
        }
    }

    private void TrainModel(TrainingPlan plan, FittedPipeline pipeline, CancellationToken cancellationToken)
    {
        var (rows, split) = Rows(plan);
        var train = RowTransform.Apply(pipeline, rows, split.Train.AsSpan());
        var validation = split.Validation.IsEmpty ? null : RowTransform.Apply(pipeline, rows, split.Validation.AsSpan());
        var begin = plan.Tune is null ? 0.25 : TuneEnd;
        output.WriteLine(WorkWords.Progress(begin));
        CoreModel? core = null;
        LearnerModel model;
        TrainedImportances? importances = null;
        if (plan.Trainer == CommandTrainer.Type)
        {
            var trained = CommandWork.Fit(plan, pipeline, train, validation, folder, output, new Share(output, begin, 0.9), cancellationToken);
            File.WriteAllBytes(At(FullFile), CommandWork.Compose(plan, pipeline, trained));
            File.WriteAllBytes(At(CoreFile), trained.Core);
            model = new CoreLearnerModel(core = CoreModel.Load(trained.Core), plan.Classes);
        }
        else
        {
            var trainer = TrainerFactory.Create(plan.Trainer, plan.Tune is null ? plan.Parameters : TunedParameters(folder), PlanPipeline.Shape(plan, pipeline), plan.Seed, plan.Threads);
            model = trainer.Fit(train, validation, new Told(output, begin), cancellationToken);
            var export = OnnxExporter.Export(pipeline, model, new ExportOptions { ModelName = plan.Model, ClassLabels = plan.ClassLabels });
            File.WriteAllBytes(At(FullFile), export.Full);
            File.WriteAllBytes(At(CoreFile), export.Core);
            importances = TrainedImportances.Of(model, pipeline, train);
        }

        TrainedImportances.Write(folder, importances);
        using var loaded = core;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Trainer} is trained on {train.Count} rows, with {validation?.Count ?? 0} to choose by."));
        output.WriteLine(WorkWords.Progress(0.95));
        Scores(model, validation).Write(At(ValidationFile));
        Scores(model, RowTransform.Apply(pipeline, rows, split.Test.AsSpan())).Write(At(TestFile));
    }

    private static string TrainInput(TrainingPlan plan, WorkJournal journal, string input) => plan.Tune is null ? input : WorkJournal.HashOf(input, journal.HashOf(Tune, TuningWork.ReportFile));

    private void RunJudge(CancellationToken cancellationToken)
    {
        if (JudgePlan.Read(folder) is not { } judge)
            return;
        var input = WorkJournal.HashOf(WorkJournal.HashOfFile(At(JudgePlan.FileName)), WorkJournal.HashOfFile(At(JudgePlan.AnswersFile)));
        if (_journal.Holds(Judge, input))
            return;
        new AnswerJudge(judge, output).Write(NumberTable.Read(At(JudgePlan.AnswersFile)), At(JudgePlan.FiguresFile), cancellationToken);
        Done(Judge, input, 1, JudgePlan.FiguresFile);
    }

    /// <summary>Read once, and only where a step needs them.</summary>
    private (LabelledRow[] Rows, RowSplit Split) Rows(TrainingPlan plan)
    {
        if (_rows is null)
        {
            _rows = Read(plan, plan.RowsFile, plan.RowsHash);
            _split = RowSplit.Of(plan.Split, Array.ConvertAll(_rows, row => row.Made), plan.Seed);
            output.WriteLine(WorkWords.Progress(0.05));
        }

        return (_rows, _split!);
    }

    private Row[]? Served(TrainingPlan plan) => plan is { ServedFile: { } file, ServedHash: { } hash } ? Array.ConvertAll(Read(plan, file, hash), row => row.Row) : null;

    /// <exception cref="InvalidDataException">It is another file, or damaged.</exception>
    private LabelledRow[] Read(TrainingPlan plan, string name, string hash)
    {
        var file = Path.GetFullPath(name, folder);
        if (WorkJournal.HashOfFile(file) != hash)
            throw new InvalidDataException($"The file of rows '{file}' is not the one of the plan (SHA-256 {hash}).");
        using var reader = new RowsReader(File.OpenRead(file), new RowSchema(plan.Columns));
        return [.. reader.ReadAll()];
    }

    private static NumberTable Scores(LearnerModel model, TrainingRows? rows)
    {
        if (model.Classes > 2)
            return Answers(model, rows);
        var scores = new double[rows?.Count ?? 0];
        for (var row = 0; row < scores.Length; row++)
            scores[row] = model.PredictOne(rows![row]);
        return new NumberTable().With(ScoreColumn, scores).With(LabelColumn, rows?.Targets ?? []);
    }

    /// <summary>Of more than two classes: what each answer is worth.</summary>
    private static NumberTable Answers(LearnerModel model, TrainingRows? rows)
    {
        var answers = new ClassAnswer[rows?.Count ?? 0];
        var probabilities = new double[model.Classes];
        for (var row = 0; row < answers.Length; row++)
        {
            model.Predict(rows![row], probabilities);
            answers[row] = ClassAnswer.Of(probabilities, rows.Targets[row]);
        }

        return new NumberTable().With(ScoreColumn, answers).With(LabelColumn, rows?.Targets ?? []);
    }

    private void Done(string step, string input, double progress, params ReadOnlySpan<string> files)
    {
        _journal.Add(step, input, files);
        output.WriteLine(WorkWords.Progress(progress));
        output.WriteLine(WorkWords.Step(step));
        output.Flush();
    }

    private int Fail(string code, string detail)
    {
        new WorkFailure(code, detail).Write(folder);
        return WorkWords.FailedExitCode;
    }

    private string At(string file) => Path.Combine(folder, file);

    /// <summary>Says how far a fit is, a few times a second at most.</summary>
    private sealed class Told(TextWriter output, double begin) : IProgress<TrainingProgress>
    {
        private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(500);
        private long _told = Stopwatch.GetTimestamp();

        public void Report(TrainingProgress value)
        {
            if (value.Fraction < 1 && Stopwatch.GetElapsedTime(_told) < s_every)
                return;
            _told = Stopwatch.GetTimestamp();
            if (value.ValidationLoss is { } validation)
                output.WriteLine(WorkWords.Metric("validationLoss", validation));
            if (value.TrainLoss is { } train)
                output.WriteLine(WorkWords.Metric("trainLoss", train));
            output.WriteLine(WorkWords.Metric("iteration", value.Iteration));
            output.WriteLine(WorkWords.Progress(begin + ((0.9 - begin) * value.Fraction)));
            output.Flush();
        }
    }

    /// <summary>Says how far the whole is, from how far a part of it is.</summary>
    private sealed class Share(TextWriter output, double from, double to) : IProgress<double>
    {
        public void Report(double value)
        {
            output.WriteLine(WorkWords.Progress(from + ((to - from) * value)));
            output.Flush();
        }
    }
}
