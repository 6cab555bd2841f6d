using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// The search of parameters of a training. What is tried is kept after each evaluation, under a name of its own, so that the next attempt takes it over whole and goes on.
/// </summary>
internal sealed class TuningWork(string folder, TrainingPlan plan, TuneDefinition tune, WorkJournal journal, TextWriter output)
{
    /// <summary>The search with every trial; lies beside the plan.</summary>
    public const string ReportFile = "tuning.json";

    private const string TrialsStep = "trials";

    private readonly SortedDictionary<int, TuningTrial> _trials = [];
    private string? _file;
    private int _kept;

    /// <summary>Searches on the rows of the train and the validation part.</summary>
    /// <param name="rows">All of them.</param>
    /// <param name="known">Those of the two parts, in the order of time.</param>
    /// <param name="input">Hash of all that the search depends on.</param>
    /// <param name="progress">Hears how far it is, 0 to 1.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LearnerException">The space does not fit the trainer, the rows are too few for it or for the pipeline, or no trial gave a score.</exception>
    public void Run(LabelledRow[] rows, int[] known, string input, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var trainer = TrainerFactory.Find(plan.Trainer) ?? throw new LearnerException($"Parameters of '{plan.Trainer}' cannot be searched for; these trainers have some: {string.Join(", ", TrainerFactory.Types)}.");
        var space = SearchSpace.Create(trainer, plan.Classes, tune.Space.ToImmutableSortedDictionary(entry => entry.Key, entry => Range(entry.Value), StringComparer.Ordinal), plan.Parameters);
        var metric = TuningMetric.Find(tune.Metric, plan.Classes);
        var folds = TuningFolds.Of(plan, tune.Folds, rows, known, cancellationToken);
        var options = new TuningOptions { Method = tune.Method == "halving" ? TuningMethod.Halving : TuningMethod.Random, Trials = tune.Trials, Seconds = tune.Seconds, Seed = plan.Seed };
        var tuner = new Tuner(space, new TrainerObjective(space, plan.Classes, folds, metric, plan.Seed, plan.Threads), options);
        var report = tuner.Run(Known(input), trial => Keep(trial, metric, options, input), progress, cancellationToken);
        var best = report.BestParameters();
        File.WriteAllText(Path.Combine(folder, ReportFile), report.ToJson());
        output.WriteLine(WorkWords.Metric("tuning." + metric.Name, report.Best!.Score!.Value));
        output.WriteLine($"Of {report.Trials.Length} trials number {report.Best.Number} is the best: {Text(best)}.");
    }

    private ImmutableArray<TuningTrial> Known(string input)
    {
        if (!journal.Holds(TrialsStep, input))
            return [];
        _file = journal.FilesOf(TrialsStep).Single();
        var known = TuningReport.FromJson(File.ReadAllText(Path.Combine(folder, _file))).Trials;
        foreach (var trial in known)
            _trials[trial.Number] = trial;
        _kept = int.Parse(_file.AsSpan(_file.IndexOf('-', StringComparison.Ordinal) + 1, _file.Length - _file.IndexOf('-', StringComparison.Ordinal) - 1 - ".json".Length), NumberStyles.None, CultureInfo.InvariantCulture);
        output.WriteLine($"The search goes on after {known.Length} trials.");
        return known;
    }

    private void Keep(TuningTrial trial, TuningMetric metric, TuningOptions options, string input)
    {
        _trials[trial.Number] = trial;
        var (before, file) = (_file, string.Create(CultureInfo.InvariantCulture, $"trials-{++_kept}.json"));
        File.WriteAllText(Path.Combine(folder, file), new TuningReport(plan.Trainer, metric.Name, metric.IsHigherBetter, options, [.. _trials.Values], false).ToJson());
        journal.Add(TrialsStep, input, file);
        _file = file;
        if (before is not null)
            File.Delete(Path.Combine(folder, before));
        if (trial.State == TrialState.Open)
            return;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Trial {trial.Number}: {(trial.Score is { } score ? $"{metric.Name} {score:0.######}" : "no score")}, {trial.State.ToString().ToLowerInvariant()}{(trial.Reason is null ? "" : $" ({trial.Reason})")}: {Text(trial.Parameters)}."));
        output.Flush();
    }

    private static SearchRange Range(TuneRangeDefinition range) => range.Kind switch
    {
        "log" => SearchRange.LogUniform(range.Min, range.Max),
        "uniform" => SearchRange.Uniform(range.Min, range.Max),
        "int" => SearchRange.Integer(range.Min, range.Max),
        _ => SearchRange.Choice(range.Choices),
    };

    private static string Text(ImmutableSortedDictionary<string, object> parameters) => string.Join(", ", parameters.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value}")));
}
